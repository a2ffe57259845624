"""What a workload would cost on a core, by the compiler's cost model alone."""

from compiler.predict import predict as predict_chain
from compiler.workload import workload_title
from generators.config import load_config
from generators.derive import derive
from generators.manifest import core_manifest
from hw.core import Core

from .catalog import core_file
from .run import chains_for, layer_costs

__all__ = ["predict"]


def predict(config, workload, *, view, mapping=None):
    """Cycles and accesses of a workload without Verilog, data or simulation: also of large ones.

    They equal those that `ergon.flow.simulate` measures, or are the most that it can measure where
    an engine's cycles depend on the data.

    Parameters
    ----------
    config: str
        A YAML file, or the name of a core that comes with the project.
    workload: str
        A YAML file, the name of a workload that comes with the project, or ``gemm:MxKxN``.
    view: ergon.console.View
        Shows the step.
    mapping: str or Path or None
        See `ergon.flow.simulate`.

    Returns
    -------
    dict
        ``config, workload, exact`` (false where cycles are the most there can be), ``runs, cycles,
        macs, peak_macs_per_cycle, utilization, accesses, layers``.
    """
    accelerator = load_config(core_file(config))
    parameters = derive(accelerator)
    with view.step(f"Predicting {workload} on {accelerator.name}"):
        encoding = core_manifest(accelerator, parameters, Core(parameters), [])["program"]
        chains = chains_for(parameters, workload, None, mapping=mapping)
        counts = [count for chain in chains
                  for count in predict_chain(parameters, encoding, chain).items()]
    cycles = sum(times * segment.cycles for segment, times in counts)
    macs, peak = sum(chain.macs for chain in chains), parameters.geometry.macs_per_cycle
    accesses = {memory: {key: sum(times * segment.accesses[memory][way]
                                  for segment, times in counts)
                         for way, key in enumerate(("reads", "writes"))}
                for memory in counts[0][0].accesses}
    return {"config": accelerator.name, "workload": workload_title(workload),
            "exact": not parameters.engine.cycles_depend_on_data,
            "runs": sum(times for _, times in counts), "cycles": cycles, "macs": macs,
            "peak_macs_per_cycle": peak, "utilization": macs / (peak * cycles),
            "accesses": accesses, "layers": layer_costs(chains, counts, parameters)}
