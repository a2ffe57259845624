"""The library that the set-up installs, read once, and a run of Verilog texts under Icarus."""

import shutil
import subprocess
from pathlib import Path

import pytest

from energy.gate_level.library import load_library


@pytest.fixture(scope="session")
def osu018_path():
    """Of Debian's package qflow-tech-osu018."""
    return Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")


@pytest.fixture(scope="session")
def osu018(osu018_path):
    return load_library(osu018_path)


@pytest.fixture
def icarus(tmp_path):
    """Function from Verilog texts to the lines that their simulation prints, without a warning."""
    if shutil.which("iverilog") is None:
        pytest.skip("Icarus Verilog is not installed")

    def run(*texts, paths=False):
        (tmp_path / "bench.v").write_text("\n".join(texts))
        build = ["iverilog", "-g2012", "-Wall", *(["-gspecify"] if paths else []), "-o", "bench"]
        for command in ([*build, "bench.v"], ["vvp", "-n", "bench"]):
            done = subprocess.run(
                command, cwd=tmp_path, capture_output=True, text=True, check=False
            )
            assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.splitlines()

    return run
