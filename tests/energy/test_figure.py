"""What a figure says of itself."""

import pytest
from rich.console import Console

from energy.annotate import annotate
from energy.netlist import register_paths
from energy.page import render_html
from energy.reading import read_activity
from energy.report import terminal_report
from energy.technology import Technology
from energy.technology_sections import Band, ClockTree, Wires

from .toy_card import FIRST, OTHER, card, variant

SAMPLED = {"text": "sampled 2 of 4 runs, ±5 % (95 % confidence)", "total_pj": 2000.0,
           "low_pj": 1900.0, "high_pj": 2100.0}


@pytest.fixture
def price(data, manifest, run, technology):
    manifest["components"].append({"path": "engine", "module": "engine", "kind": "engine",
                                   "parameters": {"inputs": "int8", "weights": "int8"}})
    activity = read_activity([data / "tiny.saif"], "tiny")
    activity.nets["engine.valid"] = activity.nets["rst"]
    registers = register_paths((data / "tiny.v").read_text(), "tiny")

    def priced(*cards, technology=technology, **more):
        return annotate(manifest, activity, run | more, technology, registers, cards=cards)
    return priced


def wide(parameters, **fields):
    """A variant for operands of four bits, as the toy core has them."""
    return variant(parameters, toggles={"moving_i": [0.5] * 4}, **fields)


def texts(report):
    return {name: fact["text"] for name, fact in report.figure.items()}


def with_library(technology):
    band = Band(low=3, typical=6, high=12)
    return Technology(technology.file.model_copy(update={
        "library": "toy_stdcells", "corner": "typical", "temperature_c": 25.0,
        "wires": Wires(ff_per_fanout=band, reason="pitches"),
        "clock_tree": ClockTree(pin_ff=10, wire_ff=Band(low=5, typical=10, high=20),
                                buffers=Band(low=0.25, typical=0.5, high=1), source="H14",
                                reason="made up")}))


def test_by_constants(price):
    found = texts(price())
    assert found["technology"] == ("horowitz_45nm: 45 nm, 0.9 V, temperature not stated, corner "
                                   "not stated")
    assert found["calibration"] == "none: energies per operation"
    assert found["glitches"] == "not counted: the simulation has no delays"
    assert found["wires"] == found["leakage"] == "not counted"
    assert found["clock tree"] == "not counted"
    assert found["silicon"].startswith("Published silicon")
    assert not {"uncalibrated", "sampling"} & found.keys()


def test_by_cards(price, technology):
    report = price(card(wide(FIRST), wide(OTHER)), technology=with_library(technology))
    found = texts(report)
    share = f"{100 * report.error['calibrated_share']:.1f} %"
    assert found["technology"] == ("horowitz_45nm: 45 nm, 0.9 V, 25 °C, corner typical, library "
                                   "toy_stdcells")
    assert found["calibration"] == (f"{share} of the energy: 2 x PE by the card toy_pe, to within "
                                    "5.0 % (the worst of data and arrays that were never fitted)")
    assert found["glitches"] == "counted in calibrated parts; not elsewhere"
    assert found["wires"] == ("6 fF in calibrated parts for each input that a net drives; nothing "
                              "is placed or routed, and 3 to 12 fF would be as plausible")
    assert report.not_priced[0] == ("outside of calibrated parts: wires, clock pins, glitches, and "
                                    "leakage")
    # 2 elements x 1 mW x 250 ns
    assert found["leakage"].startswith("500 pJ, ")
    assert report.figure["leakage"]["pj"] == pytest.approx(500)

def test_clock_tree_is_an_estimate_in_the_total(price, technology):
    report = price(technology=with_library(technology))
    tree = report.figure["clock tree"]
    # All registers but those of the memory, 10 + 10 + 4 + 1 + 1 bits, and the memory itself.
    assert tree["sinks"] == 27
    assert tree["typical_pj"] == pytest.approx(25 * 27 * 20 * 1.5 * 0.9**2 / 1000)
    part = next(part for part in report.parts if part.kind == "clock_tree")
    assert (part.label, part.actions) == ("clock tree estimate", 25)
    assert part.fixed_pj == part.activity_pj
    # Twice the wires and the buffers: 30 fF x 2 to 20 fF x 1.5; half of them: 15 fF x 1.25.
    assert part.error_factor == pytest.approx(2)
    assert report.total_pj == pytest.approx(price().total_pj + part.activity_pj)
    assert tree["text"] == ("an estimate in the total, 16.4 pJ (8.2 pJ to 32.8 pJ) for 27 clock "
                            "pins and their wires")
    assert "clock tree" not in " ".join([*report.not_priced, report.error["text"]])


def test_cards_may_count_the_clock_tree_and_no_glitches(price, technology):
    cards = card(wide(FIRST), wide(OTHER), clock_tree=True, glitches=False)
    report = price(cards, technology=with_library(technology))
    tree = report.figure["clock tree"]
    assert tree["sinks"] == 27 - 20
    assert tree["text"].endswith("; that of calibrated parts is counted by their cards")
    assert texts(report)["glitches"] == "not counted: the simulation has no delays"
    assert texts(price(cards))["clock tree"] == "counted by the cards"


def test_some_cards_count_glitches(price):
    report = price(card(wide(FIRST), name="first"), card(wide(OTHER), glitches=False))
    assert texts(report)["glitches"] == "counted in the parts of first; not elsewhere"


def test_constants_of_gates(price, technology):
    constants = technology.file.constants
    gates = Technology(with_library(technology).file.model_copy(update={
        "constants": constants.model_copy(update={
            name: constant.model_copy(update={"kind": "measured"})
            for name, constant in constants})}))
    bare, report = price(technology=gates), price(card(wide(FIRST), wide(OTHER)), technology=gates)
    assert texts(bare)["glitches"] == ("counted in energies of operations, as uniform random data "
                                       "make them; not elsewhere")
    assert texts(report)["glitches"] == ("counted in calibrated parts, and in energies of "
                                         "operations, as uniform random data make them; not "
                                         "elsewhere")
    assert texts(report)["wires"].startswith("6 fF in calibrated parts, and 6 fF in energies of "
                                             "operations for each input that a net drives;")
    assert bare.not_priced[0] == "what flip-flops take from the clock, and leakage"
    assert bare.error["text"].endswith("either way; without what flip-flops take from the clock, "
                                       "and leakage")


def test_sampling(price):
    assert price(sampling=SAMPLED).figure["sampling"] == SAMPLED | {
        "text": "2 nJ for all runs, 1.9 nJ to 2.1 nJ beside the error: sampled 2 of 4 runs, ±5 % "
                "(95 % confidence)"}


def test_silicon_needs_work(price):
    assert "silicon" not in price(macs=0).figure


def test_everywhere(price):
    report = price(card(wide(OTHER)), sampling=SAMPLED)
    page = render_html(report)
    console = Console(width=400)
    with console.capture() as capture:
        console.print(terminal_report(report))
    for fact in texts(report).values():
        assert fact in capture.get()
        assert fact.replace("'", "&#39;") in page
    assert report.to_dict()["figure"] == report.figure
    assert "calibrated ± 5.0 %" in page
    assert "Not calibrated" not in page


@pytest.mark.parametrize(("clock_pj", "warned"), [(0.01, True), (100.0, False)])
def test_warned_of_what_is_not_calibrated(price, clock_pj, warned):
    report = price(card(variant(OTHER, clock_pj=clock_pj, leakage_nw=0.0,
                                toggles={"moving_i": [0.0] * 4})))
    assert (report.error["calibrated_share"] < 0.5) == warned
    page = render_html(report)
    assert ('<section class="warn">' in page) == ("Most of it is not" in page) == warned
