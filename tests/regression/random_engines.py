"""Random engines of every family, as the ``engine`` section of a configuration."""

from dataclasses import dataclass

from .harness import SYSTOLIC

__all__ = ["ENGINES"]


@dataclass(frozen=True)
class RandomEngine:
    """How one kind of engine is drawn.

    Parameters
    ----------
    draw: function
        From a `random.Random` and the bits of an input to the section.
    bits: tuple of int
        Least and most bits of an operand.
    lanes: function
        From the section to the lanes of inputs and of outputs.
    saturates: bool
        Whether sums may saturate.
    keeps_pace: bool
        Whether post-processing may take several cycles for a vector.
    """

    draw: object
    bits: tuple[int, int]
    lanes: object = lambda section: (section["rows"], section["columns"])
    saturates: bool = True
    keeps_pace: bool = True


def _systolic(dataflow):
    def draw(random, input_bits):
        return {"kind": "systolic", "dataflow": dataflow.value, "rows": random.randint(1, 12),
                "columns": random.randint(1, 12)}

    return draw


def _digital_cim(random, input_bits):
    return {
        "kind": "digital_cim", "rows": random.randint(8, 20), "columns": random.randint(1, 8),
        "macros": {"rows": random.choice([1, 1, 2, 3]), "columns": random.choice([1, 1, 2])},
        "bits_per_cycle": random.choice([bits for bits in (1, 2, 4) if bits <= input_bits]),
        "tree": random.choice(["ripple", "carry_save"]), "tree_registers": random.randint(0, 3),
        "banks": random.choice([1, 2, 4, 8]), "skip_zero_planes": random.random() < 0.4,
        "cell_macro": random.choice([None, None, "foundry_cells"])}


def _dot_product(random, input_bits):
    rows = random.randint(1, 12)
    return {
        "kind": "dot_product", "rows": rows, "columns": random.randint(1, 12),
        "weight_rows": random.choice([n for n in range(1, rows + 1) if rows % n == 0]),
        "tree": random.choice(["ripple", "carry_save"]), "tree_registers": random.randint(0, 3)}


def _in_macros(section):
    return tuple(section[side] * section["macros"][side] for side in ("rows", "columns"))


def _row_stationary(random, input_bits):
    columns, channels = random.randint(1, 7), random.choice([1, 2, 4, 8])
    weights = random.choice([1, 2, 4, 8])
    depth = columns * channels * random.choice([1, 1, 2, 5])
    return {
        "kind": "row_stationary", "rows": random.randint(1, 8),
        "columns": columns, "channels_per_beat": channels, "weights_per_beat": weights,
        "macs_per_pe": random.choice([n for n in (1, 2, 4) if n <= min(channels, weights)]),
        "filter_scratchpad": -(-depth // weights) * weights,
        "input_scratchpad": random.randint(1, 9),
        "sum_scratchpad": columns + random.randint(0, 9), "zero_gating": random.random() < 0.5}


ENGINES = {
    **{flow.value: RandomEngine(_systolic(flow), (2, 16)) for flow in SYSTOLIC},
    "digital_cim": RandomEngine(_digital_cim, (1, 8), lanes=_in_macros),
    "dot_product": RandomEngine(_dot_product, (1, 16)),
    "row_stationary": RandomEngine(
        _row_stationary, (1, 16), saturates=False, keeps_pace=False,
        lanes=lambda section: (section["channels_per_beat"], section["columns"])),
}
