"""A column of digital compute-in-memory with its activity, small enough to price by hand."""

from energy.activity import Activity, Net

PERIOD = 10.0
REGISTER = 0.00901
FULL_ADDER = 0.03 / 8
LINE = 0.000456


def net(toggles, cycles_high=()):
    """A net by the toggles of its bits, and the cycles in which they are 1."""
    high = cycles_high or (0,) * len(toggles)
    return Net(toggles=tuple(toggles), high_ns=tuple(PERIOD * cycles for cycles in high))


def component(path, kind, **parameters):
    return {"path": path, "module": kind, "kind": kind, "parameters": parameters}


def part(report, label):
    return next(part for part in report.parts if part.label == label)


def digital_manifest(manifest):
    """A column of 4 rows of 2-bit weights, one input bit per cycle, a tree for each weight bit."""
    column = "engine.macro_0_0.column_0"
    tree = {"terms": 4, "operand": "uint1", "style": "ripple", "registers": 0}
    return manifest | {"memories": [], "windows": [], "components": [
        component("engine", "engine", inputs="uint4", weights="int2"),
        component("engine.macro_0_0", "cim_macro"),
        component(column, "cim_column", rows=4, weights="int2", tree="ripple"),
        component(f"{column}.cells", "cim_cells", rows=4, weight_bits=2, bits_per_cycle=1,
                  banks=2, cell_macro=None),
        component(f"{column}.tree_0_0", "adder_tree", **tree),
        component(f"{column}.tree_0_1", "adder_tree", **tree | {"style": "carry_save"}),
        component(f"{column}.accumulate", "shift_accumulate", bits=9, bits_per_cycle=1),
    ]}


def digital_activity():
    """20 cycles, 8 of which are steps: two vectors of four digits each."""
    column = "engine.macro_0_0.column_0"
    planes = net((4, 2, 2, 0), (4, 3, 1, 0))
    return Activity(source="made up", duration_ns=20 * PERIOD, nets={
        f"{column}.cells.planes": planes,
        f"{column}.cells.rows_0.planes": planes,
        f"{column}.cells.products": net((4, 2, 0, 0, 0, 2, 2, 0)),
        f"{column}.cells.write_rows": net((2, 2, 2, 2), (2, 2, 2, 2)),
        f"{column}.cells.rows_0.row_0_bank_0": net((5, 5)),
        f"{column}.tree_0_0.sum": net((4, 2, 0)),
        f"{column}.tree_0_0.low.sum": net((4, 2)),
        f"{column}.tree_0_0.high.sum": net((0, 0)),
        f"{column}.tree_0_0.low.terms": net((100, 100)),
        f"{column}.tree_0_0.low.total_register_0": net((100, 100)),
        f"{column}.tree_0_1.sum": net((2, 1, 0)),
        f"{column}.tree_0_1.level_0_weight_0_sum": net((2, 2)),
        f"{column}.tree_0_1.level_0_weight_0_carry": net((1,)),
        f"{column}.tree_0_1._00_": net((100,)),
        f"{column}.accumulate.add": net((2,), (8,)),
        f"{column}.accumulate.sums": net((4, 4, 3, 3, 2)),
        f"{column}.accumulate.total": net((6,) * 9),
        f"{column}.count_0_0": net((4, 2, 0)),
    })


def run_of_8_macs(run):
    """One layer."""
    layer = {"name": "only", "cycles": 10, "macs": 8, "accesses": {}}
    return run | {"macs": 8, "layers": [layer], "accesses": {}}
