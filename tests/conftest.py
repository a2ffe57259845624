"""Which tests `make test-fast` leaves out."""

import pytest

SAMPLE = 10     # of as many tests of an exhaustive module, one is fast


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Tests of modules marked ``exhaustive`` are slow, but for a sample spread over each module."""
    seen = {}
    for item in items:
        if item.get_closest_marker("exhaustive") and not item.get_closest_marker("rtl"):
            number = seen[item.path] = seen.get(item.path, -1) + 1
            if number % SAMPLE:
                item.add_marker("slow")
