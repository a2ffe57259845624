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
    """

    draw: object
    bits: tuple[int, int]


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


ENGINES = {
    **{flow.value: RandomEngine(_systolic(flow), (2, 16)) for flow in SYSTOLIC},
    "digital_cim": RandomEngine(_digital_cim, (1, 8)),
    "dot_product": RandomEngine(_dot_product, (1, 16)),
}
