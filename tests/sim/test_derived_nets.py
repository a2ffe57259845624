"""Nets that a testbench derives from the core's are recorded with them."""

import numpy as np
import pytest

from energy.cycle_values import read_cycles
from energy.partial_products import PartialProducts
from energy.saif import read_saif
from sim.runner import simulate
from tests.sim.cores import generated

pytestmark = pytest.mark.rtl

CORE = "systolic_ws_4x4_int8"
PERIOD_NS = 10
PRODUCTS = PartialProducts("moving_i", "current", 8, 8, plain_signed=True, recoded_signed=True)


def test_saif_has_partial_products_of_every_element(tmp_path):
    core = generated(CORE)
    _, program, tensors = core.compile("gemm:7x13x5")
    derived = {component["path"]: (PRODUCTS,) for component in core.manifest["components"]
               if component["kind"] == "pe"}
    runs = {simulator: simulate(core.manifest_path, program, tensors, simulator=simulator,
                                activity=activity, derived=derived, folder=tmp_path / simulator
                                ).runs[0]
            for simulator, activity in (("verilator", "saif"), ("icarus", "fst"))}
    run = runs["icarus"]
    # The values just before an edge are those after the edge before it.
    edges = PERIOD_NS * np.arange(1, run.cycles + 2) + run.start_ps / 1000
    values = read_cycles(run.activity, CORE, [f"{path}.{net}" for path in derived
                                              for net in ("moving_i", "current")], edges)
    activity = read_saif(runs["verilator"].activity, CORE)
    for path in derived:
        rows = PRODUCTS.values(values[f"{path}.moving_i"], values[f"{path}.current"])
        net = activity.net(f"{path}.{PRODUCTS.name}")
        # Verilator takes a bit that is 1 when a recording begins for one that becomes 1.
        toggles = np.abs(np.diff(rows.astype(int), axis=0)).sum(0) + rows[0]
        assert net.toggles == tuple(toggles)
        assert net.high_ns == tuple(PERIOD_NS * rows[:-1].astype(int).sum(0))
        assert sum(toggles) > 0
