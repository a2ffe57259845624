"""The command line, as the tests of its commands use it."""

import pytest

from ergon.cli import main


@pytest.fixture
def ergon(capsys):
    """Runs a command: exit code, stdout, lines of stderr."""

    def run(*arguments):
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return end.value.code, out, err.splitlines()

    return run
