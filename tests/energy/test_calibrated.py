"""Energies by calibration cards, worked out by hand, and cards that do not fit."""

import pytest

from energy.activity import Activity, Net
from energy.annotate import annotate
from energy.cards import LinearModel
from energy.partial_products import PartialProducts
from energy.technology import Technology
from generators.errors import UserError

from .toy_card import ELEMENT, FIRST, OTHER, card, variant

REGISTERS = ["pe_0.moving_i", "pe_1.moving_i", "counter"]


def net(toggles, high_ns):
    return Net(toggles=tuple(toggles), high_ns=tuple(high_ns))


@pytest.fixture
def activity():
    """20 cycles of 10 ns."""
    return Activity(source="made up", duration_ns=200.0, nets={
        "memory.read_en": net([2], [80.0]), "memory.write_any": net([2], [40.0]),
        "pe_0.moving_i": net([8, 4], [100.0, 50.0]), "pe_1.moving_i": net([2, 6], [100.0, 50.0]),
        "pe_0.moving_i*booth(current)": net([0, 3], [0.0, 0.0]),
        "pe_1.moving_i*booth(current)": net([5, 1], [0.0, 0.0]),
        "counter": net([8, 4], [0.0, 0.0]),
    })


@pytest.fixture
def price(manifest, activity, run, technology):
    def priced(*cards, technology=technology):
        return annotate(manifest, activity, run, technology, REGISTERS, cards=cards)
    return priced


def part(report, label):
    return next(part for part in report.parts if part.label == label)


def labels(report):
    return {part.label for part in report.parts if part.kind == "pe"}


BOTH = card(variant(FIRST), variant(OTHER, clock_pj=1.0, toggles={
    "moving_i": [0.5, 1.0], "moving_i*booth(current)": [3.0, 0.0]}))


def test_energy(price):
    report = price(BOTH)
    # pe_0: 8 x 0.25 + 4 x 0.5 + 3 x 2.0; pe_1: 2 x 0.5 + 6 x 1.0 + 5 x 3.0.
    assert part(report, "PE data").activity_pj == pytest.approx(4 + 6 + 7 + 15)
    assert part(report, "PE clock").activity_pj == pytest.approx(20 * 0.5 + 20 * 1.0)
    assert part(report, "PE leakage").activity_pj == pytest.approx(2 * 1e-3 * 200e-9 * 1e12)
    assert labels(report) == {"PE data", "PE clock", "PE leakage"}
    assert all(found.calibrated == (found.kind == "pe") for found in report.parts)
    assert part(report, "PE clock").error_factor == 1.05
    data = part(report, "PE data")
    assert (data.count, data.unit, data.actions, data.path) == (2, "operations", 16, "pe_*")


def test_fixed_energy_is_that_of_the_constants(price):
    report, bare = price(BOTH), price()
    assert report.baseline_total_pj == pytest.approx(bare.baseline_total_pj)
    constants = [found for found in bare.parts if found.kind == "pe"]
    assert {found.part for found in constants} == {"multiplier", "adder", "registers"}
    assert part(report, "PE data").fixed_pj == pytest.approx(
        sum(found.fixed_pj for found in constants))
    assert report.figure["fixed energy"]["constants_pj"] == pytest.approx(
        sum(found.activity_pj for found in constants))


def test_a_card_is_not_stretched(price, technology):
    good = technology.file.constants.model_copy(update={
        name: constant.model_copy(update={"error_factor": 1.2})
        for name, constant in technology.file.constants})
    better = Technology(technology.file.model_copy(update={"constants": good}))
    report = price(card(variant(OTHER)), technology=better)
    assert labels(report) == {"PE data", "PE clock", "PE leakage", "PE multiplier", "PE registers"}
    for label in ("PE multiplier", "PE registers"):
        found = part(report, label)
        assert (found.path, found.count, found.error_factor) == ("pe_0", 1, 2)
    assert part(report, "PE data").path == "pe_1"
    assert part(report, "core registers").error_factor == 1.2
    assert report.figure["uncalibrated"] == {
        "components": ["pe with sum_in None (1 instance)"],
        "text": "pe with sum_in None (1 instance): no card fits, and none is stretched; priced by "
                "constants, good to a factor of 2 at best"}


@pytest.mark.parametrize(("parameters", "text"), [
    ({**OTHER, "sum_bits": 11, "input_bits": 5}, "input_bits 4, sum_bits 10"),
    (ELEMENT, "sum_in int10"),
    ({**OTHER, "overflow": "wrap"}, "no overflow"),
    ({**OTHER, "sum_bits": "10"}, "sum_bits 10"),
])
def test_differing_parameters(price, parameters, text):
    report = price(card(variant(FIRST), name="first"), card(variant(parameters)))
    assert labels(report) >= {"PE data", "PE adder"}
    alone = price(card(variant(parameters)))
    assert f"pe with {text} (1 instance)" in alone.figure["uncalibrated"]["components"]
    assert "PE data" not in labels(alone)


def test_cards_of_other_kinds_say_nothing(price):
    assert price(card(variant(FIRST), kind="cim_column")).to_dict() == price().to_dict()


def test_what_is_inside_belongs_to_it(price, manifest, activity):
    manifest["components"] += [
        {"path": "pe_0.pad", "module": "", "kind": "scratchpad",
         "parameters": {"depth": 4, "width": 4}},
        {"path": "pe_0.macro", "module": "", "kind": "sram", "parameters": {}}]
    for name in ("pad.read_en", "pad.write_en", "macro.read_en", "macro.write_any"):
        activity.nets[f"pe_0.{name}"] = net([2], [50.0])
    manifest["memories"].append({**manifest["memories"][0], "name": "own", "path": "pe_0.macro",
                                 "read_enable": "pe_0.macro.read_en",
                                 "write_enable": "pe_0.macro.write_any"})
    bare, report = price(), price(BOTH)
    pad = part(bare, "scratchpad pad")
    assert pad.actions == part(report, "own SRAM").actions == 10
    assert not any(found.kind == "scratchpad" for found in report.parts)
    assert report.baseline_total_pj == pytest.approx(bare.baseline_total_pj)
    assert part(report, "PE clock").activity_pj == pytest.approx(30)


def test_layers_share_data_by_macs_and_clock_by_cycles(price):
    report = price(BOTH)
    first = report.layers[0]["parts"]
    assert first["PE data"] == pytest.approx(12 / 16 * 32)
    assert first["PE clock"] == pytest.approx(6 / 20 * 30)
    assert report.outside["parts"]["PE clock"] == pytest.approx(10 / 20 * 30)


def test_band(price):
    report = price(BOTH)
    cards, rest = (sum(found.activity_pj for found in report.parts
                       if found.calibrated == calibrated) for calibrated in (True, False))
    error = report.error
    assert error["low_pj"] == pytest.approx(cards / 1.05 + rest / 2)
    assert error["high_pj"] == pytest.approx(cards * 1.05 + rest * 2)
    assert error["calibrated_share"] == pytest.approx(cards / (cards + rest))
    assert error["calibrated_error"] == pytest.approx(0.05)
    assert error["factor"] < 1.1
    assert error["text"] == (
        f"{100 * error['calibrated_share']:.1f} % of the energy is calibrated against gate level, "
        "to within 5.0 % on data that was never fitted; the rest comes from constants, good to "
        "about a factor of 2 either way")


def test_two_cards(price):
    report = price(card(variant(FIRST), name="first"), card(variant(OTHER), name="other"))
    assert [(row["name"], row["instances"]) for row in report.figure["calibration"]["cards"]] == [
        ("first", 1), ("other", 1)]
    # 20 cycles x 0.5 pJ each, of which the first layer has 6.
    assert report.layers[0]["parts"]["PE clock"] == pytest.approx(6 / 20 * 20)


def test_a_missing_net(price, activity):
    del activity.nets["pe_1.moving_i"]
    with pytest.raises(UserError, match=r"^made up: net pe_1\.moving_i is not in it; record the "
                                        r"activity of the core that the manifest describes, with "
                                        r"no limit on the width of traced signals$"):
        price(BOTH)


def test_partial_products_that_were_not_recorded(price):
    rows = PartialProducts("moving_i", "current", 2, 2, plain_signed=True, recoded_signed=True)
    model = LinearModel(clock_pj=0.5, toggles={rows.name: [1.0] * rows.bits}, multipliers=[rows])
    with pytest.raises(UserError, match=r"^made up: net pe_0\.booth_current_x_moving_i, which the "
                                        r"card toy_pe prices, was not recorded; run `ergon energy` "
                                        r"with this technology and these cards$"):
        price(card(*(variant(parameters).model_copy(update={"model": model})
                     for parameters in (FIRST, OTHER))))


def test_a_net_of_another_width(price, activity):
    activity.nets["pe_1.moving_i"] = net([1, 2, 3], [0.0, 0.0, 0.0])
    with pytest.raises(UserError, match=r"^made up: net pe_1\.moving_i has 3 bits, 2 in the "
                                        r"calibration card toy_pe; record the activity of the core "
                                        r"that the manifest describes, or calibrate again$"):
        price(BOTH)
