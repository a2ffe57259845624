"""Measures components at gate level with data of known kinds."""

from dataclasses import dataclass

import numpy as np

from generators.config import load_config
from sim.stimuli import HELD_OUT, TRAINING, data_set

from ..catalog import core_file
from ..run import core_formats
from .component import generated_core
from .recording import record
from .simulation import GateLevel

__all__ = ["FIT", "HELD", "Bench", "Measured"]

FIT, HELD = "fit", "held_out"   # purposes of data
DATA = {FIT: TRAINING, HELD: HELD_OUT}
# Of each data set: vectors for as long as weights load behind them, and tiles of weights.
LEAST_VECTORS, LEAST_TILES, MOST_TILES, MOST_CHANNELS = 16, 2, 7, 112
ENGINE = "engine"


@dataclass(frozen=True)
class Measured:
    """One data set of one design at gate level.

    Parameters
    ----------
    name: str
    values: list of dict of str to numpy.ndarray
        Of each component, ``uint8[cycles + 1, bits]`` of each of its nets.
    energy_pj: numpy.ndarray
        ``float[cycles, components]``, without leakage.
    clock_pj: numpy.ndarray
        Of each component, per cycle; part of its energy.
    leakage_w: numpy.ndarray
        Of each component.
    """

    name: str
    values: list
    energy_pj: np.ndarray
    clock_pj: np.ndarray
    leakage_w: np.ndarray


class Bench:
    """A design whose components are measured at gate level with data of known kinds.

    Parameters
    ----------
    config: str
        Core whose components are simulated in their places, with the loads that they have there.
    kind: str
        Of the components, as manifests have it.
    scope: str or None
        Instance that is simulated at gate level as a whole; None: what `default_scope` says.
    out: Path
    """

    def __init__(self, config, kind, scope, out):
        self.core = generated_core(config, out)
        self.kind = kind
        self.scope = scope or default_scope(self.core, kind)
        self.components = self.core.components(kind, self.scope)
        self.folder = self.core.path.parent / "gate_level"

    @property
    def name(self):
        return self.core.manifest["name"]

    @staticmethod
    def title(config):
        """The name of a configuration."""
        return load_config(core_file(config)).name

    def record(self, purpose, seed):
        """A recording of all data sets of a purpose, one after the other.

        What is outside of the engine works on requantized results too.
        """
        engine, formats = self.core.parameters.engine, core_formats(self.core.parameters)
        steps = engine.vector_cycles(engine.inputs.bits, engine.rows)
        tiles = min(MOST_TILES, max(LEAST_TILES, MOST_CHANNELS // engine.rows))
        chains = [data_set(data, formats, seed, outputs=engine.columns,
                           channels=tiles * engine.rows,
                           vectors=max(LEAST_VECTORS, (engine.rows + 2) // steps),
                           requantized=not self.scope.startswith(ENGINE))
                  for data in DATA[purpose].values()]
        return record(self.core, chains, self._folder(purpose))

    def gate_level(self, library, technology, *, glitches=True):
        """The `GateLevel` of the scope, with the typical wires of a technology."""
        return GateLevel(self.core, self.scope, library, self._folder(technology.name),
                         wire_f_per_fanout=technology.file.wires.ff_per_fanout.typical * 1e-15,
                         glitches=glitches)

    def measure(self, gate, recording):
        """Yields a `Measured` for each data set of a recording."""
        relative = [component["path"].removeprefix(self.scope).lstrip(".")
                    for component in self.components]
        last = recording.runs[-1][2]
        run = gate.run(recording, 1, last, self._folder("replay"), groups=relative)
        values = [self.values(recording, component["path"], 0, last)
                  for component in self.components]
        for name, start, end in _data_sets(recording.runs):
            # Nothing comes before the first cycle; row n of the run is cycle n + 1.
            start = max(start, 1)
            yield Measured(name, [{net: bits[start - 1:end] for net, bits in found.items()}
                                  for found in values],
                           run.energy_pj[start - 1:end - 1], run.clock_pj, run.leakage_w)

    def values(self, recording, path, start, end):
        """The nets of a component, by their names below it."""
        names = self.core.nets(path)
        found = recording.values([f"{path}.{name}" for name in names], start, end)
        return {name: found[f"{path}.{name}"] for name in names}

    def _folder(self, name):
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def default_scope(core, kind):
    """The smallest instance around the components of a kind that its netlist is simulated in.

    The elements of a mesh are simulated together, others alone.
    """
    components = core.components(kind)
    meshes = [component["path"] for component in core.manifest["components"]
              if component["kind"] == "mesh"]
    inside = [mesh for mesh in meshes if components[0]["path"].startswith(f"{mesh}.")]
    return inside[0] if inside else components[0]["path"]


def _data_sets(runs):
    """(name, first cycle, end) of each data set, which may have taken several runs."""
    spans = {}
    for layer, start, end in runs:
        name = layer.partition(".")[0]
        spans[name] = (spans.get(name, (start,))[0], end)
    return [(name, *span) for name, span in spans.items()]
