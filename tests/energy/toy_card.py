"""Calibration cards for the processing elements of the toy core, small enough to price by hand."""

from energy.cards import Card, Conditions, Fitted, HeldOut, LibraryUsed, LinearModel, Variant

ELEMENT = {"input_bits": 4, "weight_bits": 4, "sum_bits": 10}
FIRST, OTHER = {**ELEMENT, "sum_in": "None"}, {**ELEMENT, "sum_in": "int10"}


def variant(parameters, *, clock_pj=0.5, toggles=None, leakage_nw=1e6):
    """Coefficients of two bits of the moving operand, and of two bits of products."""
    model = LinearModel(clock_pj=clock_pj, toggles=toggles or {
        "moving_i": [0.25, 0.5], "moving_i*booth(current)": [1.0, 2.0]})
    return Variant(parameters=parameters, module="pe_4x4", cells=100, area_um2=1000.0, mean_pj=1.0,
                   leakage_nw=leakage_nw, fitted_cycles=100, left_out_rms=0.1, model=model)


def card(*variants, worst=0.05, clock_tree=False, glitches=True, **fields):
    """A card that is wrong by up to ``worst`` on what it was not fitted to."""
    held = {"instances": 2, "cycles": 100, "mean": 0.01, "windows_mean": 0.05, "windows_p95": 0.1,
            "constant_mean": 0.2, "constant_worst": 0.5, "data_sets": {"walk": worst}}
    return Card(**{
        "version": 1, "name": "toy_pe", "kind": "pe",
        "library": LibraryUsed(name="toy", sha256="0" * 64, voltage_v=0.9, temperature_c=25,
                               process=1),
        "tools": {"yosys": "0.0"},
        "conditions": Conditions(period_ns=10, wire_ff_per_fanout=6, input_slew_ns=0.1,
                                 glitches=glitches, clock_tree=clock_tree),
        "fitted": Fitted(designs=["tiny"], scope="", netlists=["0" * 64], data_sets=["uniform"],
                         seed=1),
        "errors": [HeldOut(design="tiny", worst=worst / 2, **held),
                   HeldOut(design="large", worst=worst, **held)],
        "variants": list(variants), **fields})
