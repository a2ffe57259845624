"""What a reader sees."""

import json
import re

import pytest
from rich.console import Console

from energy.annotate import annotate
from energy.formatting import energy, number, quantity
from energy.netlist import register_paths
from energy.page import render_html
from energy.reading import read_activity
from energy.report import terminal_report, write_report
from generators.errors import UserError


@pytest.fixture
def report(data, manifest, run, technology):
    return annotate(manifest, read_activity([data / "tiny.saif"], "tiny"), run, technology,
                    register_paths((data / "tiny.v").read_text(), "tiny"))


def test_files(report, tmp_path):
    data_file, page = write_report(report, tmp_path / "new")
    assert json.loads(data_file.read_text())["total_pj"] == pytest.approx(report.total_pj)
    assert page.read_text() == render_html(report)
    assert sorted(path.name for path in page.parent.iterdir()) == ["report.html", "report.json"]


def test_folder_that_is_a_file(report, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(UserError, match=r"taken: cannot be written"):
        write_report(report, tmp_path / "taken")


def test_page_is_self_contained(report):
    page = render_html(report)
    assert not re.search(r"<(script|link|img|iframe)|https?://|url\(", page)
    assert 'name="viewport"' in page
    assert "prefers-color-scheme: dark" in page
    assert "Not calibrated" in page
    assert '<section class="warn">' in page
    for layer in report.layers:
        assert layer["name"] in page
    assert page.count('class="point"') == len(report.roofline["points"]) == 2


def test_page_escapes_names(manifest, report, data, run, technology):
    run["workload"] = "<script>alert(1)</script>"
    again = annotate(manifest, read_activity([data / "tiny.saif"], "tiny"), run, technology, [])
    assert "<script>" not in render_html(again)


def test_page_without_a_roofline(manifest, data, run, technology):
    run["layers"] = [{**run["layers"][0], "accesses": {}}]
    page = render_html(annotate(manifest, read_activity([data / "tiny.saif"], "tiny"), run,
                                technology, []))
    assert "Roofline" not in page


def test_terminal(report):
    console = Console(width=110)
    with console.capture() as capture:
        console.print(terminal_report(report))
    text = capture.get()
    assert "not calibrated" in text
    assert "PE multiplier" in text
    assert "outside layers" in text


def test_roofline(report):
    assert report.roofline["peak_macs_per_cycle"] == 2
    assert report.roofline["bytes_per_cycle"] == 1
    assert report.roofline["points"][0] == {"name": "first", "macs_per_byte": 2,
                                            "macs_per_cycle": 2}


@pytest.mark.parametrize(("function", "value", "text"), [
    (number, 0.26512, "0.265"), (number, 1234.5, "1,234"), (number, None, "-"),
    (energy, 0.5, "0.5 pJ"), (energy, 999.6, "1 nJ"), (energy, 7.82e6, "7.82 µJ"),
    (energy, 3.2e9, "3.2 mJ"), (energy, 5e13, "50,000 mJ"),
    (quantity, 999, "999"), (quantity, 16_777_216, "16.8 M"), (quantity, 0, "0"),
])
def test_numbers(function, value, text):
    assert function(value) == text
