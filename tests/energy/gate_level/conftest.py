"""A run of Verilog texts under Icarus."""

import shutil
import subprocess

import pytest


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
