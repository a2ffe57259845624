"""Random engines of every family, as the ``engine`` section of a configuration."""

from dataclasses import dataclass

from hw.parameters import Dataflow

from .harness import SYSTOLIC

__all__ = ["ENGINES"]


@dataclass(frozen=True)
class RandomEngine:
    """How one kind of engine is drawn.

    Parameters
    ----------
    draw: function
        From a `random.Random` and the formats of inputs and weights to the section.
    bits: tuple of int
        Least and most bits of an operand.
    lanes: function
        From the section to the lanes of inputs and of outputs.
    saturates: bool
        Whether sums may saturate.
    keeps_pace: bool
        Whether post-processing may take several cycles for a vector.
    wide_sums: bool
        Whether sums that may not overflow need 32 bits, whatever their products add up to.
    cycles: int
        Of one layer; more is drawn again, so that simulations stay short.
    """

    draw: object
    bits: tuple[int, int]
    lanes: object = lambda section: (section["rows"], section["columns"])
    saturates: bool = True
    keeps_pace: bool = True
    wide_sums: bool = False
    cycles: int = 700


def _systolic(dataflow):
    def draw(random, inputs, weights):
        rows, columns = random.randint(1, 12), random.randint(1, 12)
        section = {"kind": "systolic", "dataflow": dataflow.value, "rows": rows,
                   "columns": columns}
        if random.random() < 0.5:
            section |= {"arithmetic": random.choice(["auto", "dsp", "logic"]),
                        "multiplier_stages": random.randint(0, 4),
                        "edge_stages": random.randint(0, 2)}
            if dataflow in (Dataflow.WEIGHT_STATIONARY, Dataflow.OUTPUT_STATIONARY):
                section["column_pairs"] = columns % 2 == 0 and random.random() < 0.6
        return section

    return draw


def _digital_cim(random, inputs, weights):
    return {
        "kind": "digital_cim", "rows": random.randint(8, 20), "columns": random.randint(1, 8),
        "macros": {"rows": random.choice([1, 1, 2, 3]), "columns": random.choice([1, 1, 2])},
        "bits_per_cycle": random.choice([bits for bits in (1, 2, 4) if bits <= inputs.bits]),
        "tree": random.choice(["ripple", "carry_save"]), "tree_registers": random.randint(0, 3),
        "banks": random.choice([1, 2, 4, 8]), "skip_zero_planes": random.random() < 0.4,
        "cell_macro": random.choice([None, None, "foundry_cells"])}


def _analog_cim(random, inputs, weights):
    magnitude = weights.bits - weights.signed
    cell_bits = random.randint(1, max(1, min(4, magnitude)))
    slices = -(-magnitude // cell_bits) + weights.signed
    rows, columns = random.randint(8, 20), random.randint(1, 6)
    # A part of a weight's slices, or all slices of some weights.
    served = ([n for n in range(1, slices) if slices % n == 0]
              + [n * slices for n in range(1, columns + 1) if columns % n == 0])
    section = {
        "kind": "analog_cim", "rows": rows, "columns": columns,
        "banks": random.choice([1, 2, 4, 8]), "dac_bits": random.randint(1, min(4, inputs.bits)),
        "cell_bits": cell_bits, "rows_active": random.randint(8, rows),
        "columns_per_adc": random.choice(served), "adc_bits": random.randint(2, 8)}
    if random.random() < 0.6:
        most = {"thermal": 2.0, "offset": 1.0, "gain": 0.1, "cell": 0.2}
        section["noise"] = {"seed": random.getrandbits(32), **{
            name: random.choice([0.0, random.uniform(0, sigma)]) for name, sigma in most.items()}}
    return section


def _dot_product(random, inputs, weights):
    rows = random.randint(1, 12)
    return {
        "kind": "dot_product", "rows": rows, "columns": random.randint(1, 12),
        "weight_rows": random.choice([n for n in range(1, rows + 1) if rows % n == 0]),
        "tree": random.choice(["ripple", "carry_save"]), "tree_registers": random.randint(0, 3)}


def _in_macros(section):
    return tuple(section[side] * section["macros"][side] for side in ("rows", "columns"))


def _row_stationary(random, inputs, weights):
    columns, channels = random.randint(1, 7), random.choice([1, 2, 4, 8])
    beat = random.choice([1, 2, 4, 8])
    depth = columns * channels * random.choice([1, 1, 2, 5])
    return {
        "kind": "row_stationary", "rows": random.randint(1, 8),
        "columns": columns, "channels_per_beat": channels, "weights_per_beat": beat,
        "macs_per_pe": random.choice([n for n in (1, 2, 4) if n <= min(channels, beat)]),
        "filter_scratchpad": -(-depth // beat) * beat,
        "input_scratchpad": random.randint(1, 9),
        "sum_scratchpad": columns + random.randint(0, 9), "zero_gating": random.random() < 0.5}


ENGINES = {
    **{flow.value: RandomEngine(_systolic(flow), (2, 16)) for flow in SYSTOLIC},
    "digital_cim": RandomEngine(_digital_cim, (1, 8), lanes=_in_macros),
    "analog_cim": RandomEngine(_analog_cim, (1, 8), wide_sums=True, cycles=3000),
    "dot_product": RandomEngine(_dot_product, (1, 16)),
    "row_stationary": RandomEngine(
        _row_stationary, (1, 16), saturates=False, keeps_pace=False,
        lanes=lambda section: (section["channels_per_beat"], section["columns"])),
}
