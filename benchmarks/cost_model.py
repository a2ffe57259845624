"""How fast cycles and accesses are predicted, and what is predicted for published networks.

The cores are the published 16x16 ones with memories deep enough for every layer. *Prediction* is
a layer's loop nests, descriptor, cycles and accesses; *compilation* adds its memory images and
where the host finds every number.
"""

import time

import numpy as np
from rich.table import Table

from compiler.compile import compile_workload
from compiler.layer import Workload
from compiler.mapping import make_job
from compiler.schedules import Bases
from compiler.tile import Placement, whole_tile
from ergon.catalog import core_file
from ergon.console import View
from generators.config import load_config
from generators.derive import derive
from generators.manifest import core_manifest
from hw.core import Core

from .networks import NETWORKS, gemm_form, make_layer
from .peers import MODEL_SPEEDS, ZIGZAG_CYCLES, scale_sim

__all__ = ["CORES", "TARGET", "deep_core", "predict", "run"]

CORES = ("systolic_ws_16x16_int8", "systolic_os_16x16_int8", "systolic_is_16x16_int8")
DEPTHS = {"activation_words": 1 << 20, "weight_words": 1 << 18, "accumulator_words": 1 << 14,
          "parameter_words": 64, "program_words": 1 << 12}
TARGET = 1000         # predicted layers per second
ROUNDS = 5            # the fastest round counts: the machine may be busy
COMPILED = "resnet8"  # the network that is compiled as well


def deep_core(name):
    """Parameters of a published core with deep memories, and its manifest's ``program`` entry."""
    config = load_config(core_file(name))
    config = config.model_copy(update={
        "precision": config.precision.model_copy(update={"reduction": 512 * 9}),
        "memories": config.memories.model_copy(update=DEPTHS)})
    parameters = derive(config)
    return parameters, core_manifest(config, parameters, Core(parameters), [])["program"]


def predict(layer, core, encoding):
    """The `Job` of a whole layer: descriptor, cycles and accesses, without its numbers."""
    def whole(shape):
        return Placement(0, 0, 0, shape.height, shape.width, 0, shape.channels, core.word_lanes)

    bases = Bases(whole(layer.input_shape), whole(layer.output_shape), 0, 0, 0)
    return make_job(whole_tile(layer, core.input_lanes), core.dataflows[0], core, encoding, bases)


def run(console):
    """Measure, print, and return ``networks`` and ``speeds``."""
    layers = {network: [make_layer(f"{network}_{number}", shape)
                        for number, shape in enumerate(shapes)]
              for network, shapes in NETWORKS.items()}
    networks, speeds = [], []
    for name in CORES:
        with View().step(f"Predicting {len(layers)} networks on {name}"):
            core, encoding = deep_core(name)
            networks += [_network(network, of, core, encoding) for network, of in layers.items()]
            speeds.append({"core": name, **_speeds(layers, core, encoding)})
    console.print(_network_table(networks))
    console.print(_speed_table(speeds))
    others = ", ".join(f"{name} {speed}" for name, speed in MODEL_SPEEDS.items())
    console.print(f"[dim]peers, on another machine: {others}[/]")
    return {"networks": networks, "speeds": speeds}


def _network(network, layers, core, encoding):
    jobs = [predict(layer, core, encoding) for layer in layers]
    flow, rows, columns = core.dataflows[0].value, core.engine.rows, core.engine.columns
    macs, cycles = sum(job.macs for job in jobs), sum(job.cycles for job in jobs)
    forms = [gemm_form(layer) for layer in layers]
    return {
        "network": network, "dataflow": flow, "layers": len(layers), "macs": macs,
        "cycles": cycles, "utilization": macs / (core.geometry.macs_per_cycle * cycles),
        "scale_sim_cycles": sum(count * scale_sim(flow, m, k, n, rows, columns)
                                for m, k, n, count in forms),
        "zigzag_cycles": ZIGZAG_CYCLES.get((network, flow)),
    }


def _speeds(layers, core, encoding):
    every = [layer for of in layers.values() for layer in of]
    compiled = [Workload(layer.name, "", (layer,), np.zeros((1, *layer.input_shape)), None)
                for layer in layers[COMPILED]]
    return {
        "predictions_per_second": _per_second(
            every, lambda layer: predict(layer, core, encoding)),
        "compilations_per_second": _per_second(
            compiled, lambda workload: compile_workload(core, encoding, workload)),
        "target": TARGET,
    }


def _per_second(items, work):
    """Items per second in the fastest of some rounds."""
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for item in items:
            work(item)
        seconds.append(time.perf_counter() - began)
    return len(items) / min(seconds)


def _network_table(rows):
    table = Table("network", "dataflow", "layers", "MACs", "cycles", "utilization", "SCALE-Sim",
                  "ZigZag", title="Predicted cycles of networks, 16x16", box=None)
    for column in table.columns[2:]:
        column.justify = "right"
    for row in rows:
        zigzag = row["zigzag_cycles"]
        table.add_row(row["network"], row["dataflow"].replace("_", " "), f"{row['layers']}",
                      f"{row['macs']:,}", f"{row['cycles']:,}", f"{row['utilization']:.1%}",
                      f"{row['scale_sim_cycles']:,}", f"{zigzag:,}" if zigzag else "")
    return table


def _speed_table(rows):
    table = Table("core", "predictions/s", "target", f"compilations/s ({COMPILED})",
                  title="Speed of the cost model: layers per second", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows:
        reached = row["predictions_per_second"] >= row["target"]
        table.add_row(row["core"], f"{row['predictions_per_second']:,.0f}",
                      f"{'[green]≥' if reached else '[red]<'} {row['target']:,}[/]",
                      f"{row['compilations_per_second']:,.0f}")
    return table
