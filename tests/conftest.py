"""Which tests `make test-fast` leaves out, and what all tests share."""

import os
from pathlib import Path

import pytest

from energy.gate_level.library import load_library

# Most tests simulate for less time than an optimizing compiler needs.
os.environ.setdefault("OPT_FAST", "-O0")

SAMPLE = 10     # of as many tests of an exhaustive module, one is fast
LONGEST = "digital_cim_256x64"  # Verilator builds it for minutes, on one processor


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Tests of modules marked ``exhaustive`` are slow, but for a sample spread over each module.

    The longest test comes first, so that no processor waits for it in the end.
    """
    items.sort(key=lambda item: LONGEST not in item.nodeid)
    seen = {}
    for item in items:
        if item.get_closest_marker("exhaustive") and not item.get_closest_marker("rtl"):
            number = seen[item.path] = seen.get(item.path, -1) + 1
            if number % SAMPLE:
                item.add_marker("slow")


@pytest.fixture(scope="session")
def osu018_path():
    """Of Debian's package qflow-tech-osu018."""
    return Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")


@pytest.fixture(scope="session")
def osu018(osu018_path):
    return load_library(osu018_path)
