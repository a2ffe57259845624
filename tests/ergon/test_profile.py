"""`ergon profile`: what it prices is what `ergon energy` prices, and what does not work."""

from collections import defaultdict
from types import SimpleNamespace

import numpy as np
import pytest

from energy.card_file import card_text
from energy.cards import LibraryUsed
from energy.netlist import module_nets
from energy.partial_products import PartialProducts
from ergon import flow, profile
from ergon.console import View
from generators.errors import UserError
from tests.energy.toy_card import FIRST, card, variant
from tests.sim.cores import BUILD, generated

CORE = "systolic_ws_4x4_int8"
WORKLOAD = "gemm:17x6x7"
QUIET = View(as_json=True)
LIBRARY = LibraryUsed(name="osu018_stdcells", sha256="0" * 64, voltage_v=1.8, temperature_c=25,
                      process=1)


@pytest.fixture
def cards(tmp_path):
    """A folder with a card for the elements of all rows but the first, prices made up."""
    random = np.random.default_rng(1)
    core = generated(CORE)
    verilog = core.manifest_path.with_suffix(".v").read_text()
    multiplier = PartialProducts("moving_i", "current", 8, 8, True, True)
    variants = {}
    for component in core.manifest["components"]:
        module, parameters = component["module"], component["parameters"]
        if component["kind"] == "pe" and parameters["sum_in"] != "None" and module not in variants:
            bits = {net: bits for net, (_, bits) in module_nets(verilog, module).items()
                    if net not in ("clk", "rst")} | {multiplier.name: multiplier.bits}
            one = variant(parameters, clock_pj=5.0, leakage_nw=40.0,
                          toggles={net: random.uniform(0, 2, bits[net]).round(6).tolist()
                                   for net in bits})
            variants[module] = one.model_copy(update={
                "module": module,
                "model": one.model.model_copy(update={"multipliers": [multiplier]})})
    folder = tmp_path / "cards"
    folder.mkdir()
    (folder / "toy_pe.yaml").write_text(card_text(card(*variants.values(), library=LIBRARY), []))
    return folder


def run(cards=None, *, workload=WORKLOAD, technology="osu018", simulator="icarus", window=10):
    return profile.profile(CORE, workload, technology=technology, cards=cards, simulator=simulator,
                           window_cycles=window, seed=1, out=BUILD, view=QUIET)


@pytest.mark.rtl
def test_it_agrees_with_the_energy_report(cards):
    profiles = {}
    for simulator in ("icarus", "verilator"):
        report, _ = flow.energy(CORE, WORKLOAD, out=BUILD, view=QUIET, simulator=simulator, seed=1,
                                technology="osu018", cards=cards)
        found, _ = run(cards, simulator=simulator)
        priced = defaultdict(float)
        for part in report.parts:
            if part.calibrated:
                priced[part.part] += part.activity_pj
        constant = found.floor_mw * found.summary["cycles"] * found.period_ns
        assert constant == pytest.approx(priced["clock"] + priced["leakage"])
        # Weights are whole numbers, 32,767 the largest.
        assert found.energies_pj.sum() - constant == pytest.approx(priced["data"], rel=1e-4)
        profiles[simulator] = found
    icarus, verilator = profiles.values()
    np.testing.assert_array_equal(icarus.energies_pj, verilator.energies_pj)
    data = icarus.to_dict()
    assert data["mismatches"] == 0
    assert data["cycles"] == data["predicted_cycles"] == icarus.cycles.sum()
    assert (data["calibrated"], data["without"]["PE"]) == (12, 4)
    assert data["uncalibrated"] == ["pe with sum_bits 16, sum_in None (4 instances)"]
    assert data["cards"] == [{
        "name": "toy_pe", "kind": "pe", "instances": 12, "energy_pj": data["energy_pj"],
        "worst": 0.05, "windows_mean": 0.05, "windows_p95": 0.1}]


def test_jobs_of_all_runs():
    jobs = [SimpleNamespace(layer=layer, cycles=cycles)
            for layer, cycles in (("a", 30), ("a", 4), ("b", 50))]
    program = SimpleNamespace(segments=[SimpleNamespace(jobs=jobs[:2]),
                                        SimpleNamespace(jobs=jobs[1:])])
    result = SimpleNamespace(runs=[SimpleNamespace(cycles=34), SimpleNamespace(cycles=60)])
    starts, layers = profile._jobs(program, result,
                                     {"descriptor_words": 8, "prefetch": True})
    # The job of 4 cycles ends before the next descriptor is there.
    assert (starts.tolist(), layers) == ([0, 30, 34, 44], ("a", "a", "a", "b"))


def test_a_core_without_cards(monkeypatch):
    parameters = next(component["parameters"] for component in
                      generated(CORE).manifest["components"] if component["kind"] == "pe")
    cards = {"osu018": (card(variant(FIRST)),), "sky130hd": (card(variant(parameters)),)}
    monkeypatch.setattr(profile, "load_cards", lambda name: cards.get(name, ()))
    with pytest.raises(UserError, match=r"^technology: horowitz_45nm has no calibration card for "
                                        r"any component of systolic_ws_4x4_int8; use sky130hd or "
                                        r"cards of your own, see `ergon calibrate` and --cards$"):
        run(technology="horowitz_45nm")


def test_cards_that_do_not_fit(tmp_path):
    (tmp_path / "other.yaml").write_text(card_text(card(variant(FIRST), library=LIBRARY), []))
    with pytest.raises(UserError, match=r"^technology: osu018 has no calibration card for any "
                                        r"component of systolic_ws_4x4_int8 \(pe with input_bits "
                                        r"8, .+ False \(4 instances\), and 3 more\); use .*cards "
                                        r"of your own, see"):
        run(tmp_path)


def test_too_many_windows(cards, monkeypatch):
    monkeypatch.setattr(profile, "MOST_WINDOWS", 5)
    with pytest.raises(UserError, match=r"^--window: 1 cycles make 85 windows, above 5; use 22 or "
                                        r"more, or a smaller workload \(NAME@2 is half the size\)"
                                        r"$"):
        run(cards, window=1)
