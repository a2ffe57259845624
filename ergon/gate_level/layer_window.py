"""A window of a real layer, recorded at RTL."""

from dataclasses import dataclass, replace
from pathlib import Path

from compiler.chains import compile_chains
from generators.errors import UserError
from hw.cim.analog.parameters import AnalogCimParameters
from sim.golden.on_core import run_on_core

from ..run import chains_for
from .recording import Recording, record

__all__ = ["CYCLES", "LayerWindow", "record_window"]

CYCLES = 200            # of a window, where nobody says
MOST_CYCLES = 50_000    # of a layer: some minutes of Icarus' time


@dataclass(frozen=True)
class LayerWindow:
    """Cycles of one layer with the data that it has in its network.

    Parameters
    ----------
    recording: Recording
        Of the whole layer.
    layer: str
    layer_cycles: int
    start: int
        First cycle of the window, counted from the layer's beginning.
    cycles: int
    """

    recording: Recording
    layer: str
    layer_cycles: int
    start: int
    cycles: int

    @property
    def end(self):
        return self.start + self.cycles

    def to_dict(self):
        """What was run, as plain data."""
        return {"layer": self.layer, "layer_cycles": self.layer_cycles, "start": self.start,
                "cycles": self.cycles}


def record_window(core, workload, folder, *, layer=None, start=None, cycles=None, seed, view):
    """Run one layer of a workload on a core under Icarus, and choose a window of it.

    What the layer reads comes from the golden model, so that no other layer has to run. Its
    results are compared with the golden model's.

    Parameters
    ----------
    core: ergon.gate_level.component.Core
    workload: str
    folder: Path
        The recording goes into a folder of its own below.
    layer: str or None
        None: the one with the most products.
    start: int or None
        First cycle of the window in the layer, 1 or more; None: so that it is in the middle.
    cycles: int or None
        Of the window; None: `CYCLES`, or the whole of a shorter layer.
    seed: int
        Of random data.
    view: ergon.console.View

    Returns
    -------
    LayerWindow

    Raises
    ------
    UserError
        For an unknown layer, one that is too long, or a window beyond it.
    """
    chain, name = _chain(core, workload, layer, seed)
    predicted = compile_chains(core.parameters, core.manifest["program"], [chain]).cycles
    if predicted > MOST_CYCLES:
        raise UserError(f"layer: {name} takes {predicted:,} cycles on {core.manifest['name']}, and "
                        f"{MOST_CYCLES:,} are the most to record; use another layer, or a smaller "
                        f"workload (NAME@2 is half the size)")
    with view.step(f"Simulating {name} at RTL, {predicted:,} cycles"):
        recording = record(core, [chain], Path(folder) / f"layer_{name}")
    length = len(recording.edges_ns)
    # The cycle before the window is simulated too.
    wanted = min(CYCLES, length - 1) if cycles is None else cycles
    first = max(1, (length - wanted) // 2) if start is None else start
    if first + wanted > length:
        raise UserError(f"window: {wanted:,} cycles from {first:,} on are not within the "
                        f"{length:,} of {name}; choose other --start or --cycles")
    return LayerWindow(recording, name, length, first, wanted)


def _chain(core, workload, layer, seed):
    """A chain of that layer alone, and its name."""
    parameters = core.parameters
    if isinstance(parameters.engine, AnalogCimParameters):
        raise UserError(f"config: {core.manifest['name']} computes in analog circuits, which no "
                        "cell library has; use a core of digital logic")
    chains = chains_for(parameters, workload, seed, images=1)
    macs = {entry.name: entry.macs for chain in chains for entry in chain.layers}
    name = layer or max(macs, key=macs.get)
    if name not in macs:
        raise UserError(f"layer: {name} is not in {workload}; use one of {', '.join(macs)}")
    chain = next(chain for chain in chains if name in [entry.name for entry in chain.layers])
    program = compile_chains(parameters, core.manifest["program"], [chain])
    inputs, _ = run_on_core(parameters.engine, program, chain.layers, chain.inputs)
    [wanted] = [entry for entry in chain.layers if entry.name == name]
    return replace(chain, name=name, labels=None, layers=(wanted,), inputs=inputs[name].reshape(
        len(chain.inputs), *wanted.input_shape)), name
