"""Engines alone: three streams that may wait at any time."""

from amaranth import Module, Mux, Signal
from amaranth.lib import data, stream
from amaranth.lib.wiring import In, Out, connect, flipped

from .fifo import Fifo
from .stamp import Stamped, StampedComponent

__all__ = ["QueuedEngine"]


class QueuedEngine(StampedComponent):
    """An engine whose outputs wait in a queue: a vector enters only if they have a place there.

    The operands are those of the engine, in the same order and with the same marks, except that
    ``final`` has no meaning here.

    Throughput: that of the engine, if the outputs are taken as fast as they come.
    Latency: two cycles, those of the queue, after the engine's.

    Subclasses say how the engine is made and what a job chooses.

    Parameters
    ----------
    parameters: EngineParameters
    delay: int
        Cycles from an admission to its first output.
    burst: int
        Most output vectors of one admission.
    depth: int or None
        Output vectors that are under way or waiting at most; as many as full throughput needs if
        None. A shorter queue costs cycles; it needs 3 places, and one for each vector of a burst.
    members: dict
        More members of the component.

    Members
    -------
    load: In(1)
        Start of a job: forgets operands and outputs of the job before.
    inputs, weights: In(stream.Signature(beat_layout(...)))
    outputs: Out(stream.Signature(ArrayLayout(partial sum, columns)))
    busy: Out(1)
        Outputs are under way or waiting.
    """

    kind = "buffered_engine"

    def __init__(self, parameters, *, delay, burst=1, depth=None, members=None):
        self.array = p = parameters
        if depth is None:
            # From the admission to the cycle in which the place is free again, and the places of
            # the next admission.
            depth = delay + 2 * burst + 1
        if depth < max(burst, 3):
            raise ValueError(f"the output queue needs a depth of {max(burst, 3)} or more, "
                             f"not {depth}")
        self.depth = depth
        self.module_name = f"buffered_engine_{p.rows}x{p.columns}"
        streams = self.make_engine().signature.members
        super().__init__({
            "load": In(1), "inputs": streams["inputs"], "weights": streams["weights"],
            "outputs": Out(stream.Signature(data.ArrayLayout(p.partial_sum.shape, p.columns))),
            "busy": Out(1), **(members or {}),
        })

    def make_engine(self):
        """A new engine."""
        raise NotImplementedError

    def parameters(self):
        return {"rows": self.array.rows, "columns": self.array.columns, "depth": self.depth}

    def elaborate(self, platform):
        m = Module()
        m.submodules.engine = Stamped(engine := self.make_engine())
        m.d.comb += engine.load.eq(self.load)
        self._queue_outputs(m, engine, self._connect(m, engine))
        return m

    def _connect(self, m, engine):
        """Connect the operands; returns how many output vectors the next admission has."""
        connect(m, flipped(self.inputs), engine.inputs)
        connect(m, flipped(self.weights), engine.weights)
        return 1

    def _queue_outputs(self, m, engine, burst):
        """The output queue; ``burst`` of its places are taken by an admission."""
        m.submodules.output_queue = Stamped(queue := Fifo(
            "output_queue", self.outputs.payload.shape(), self.depth))
        connect(m, queue.o, flipped(self.outputs))
        places = Signal(range(self.depth + 1), init=self.depth)
        leaves, stale = Signal(), Signal()          # stale: outputs of the job before are under way
        m.d.comb += [
            leaves.eq(self.outputs.valid & self.outputs.ready),
            engine.credit.eq((places >= burst) & ~stale),
            queue.clear.eq(self.load),
            queue.i.valid.eq(engine.output_valid & ~stale),
            queue.i.payload.eq(engine.outputs),
            self.busy.eq(places != self.depth),
        ]
        m.d.sync += places.eq(places + leaves - Mux(engine.admit, burst, 0))
        with m.If(~engine.busy):
            m.d.sync += stale.eq(0)
        with m.If(self.load):
            m.d.sync += [places.eq(self.depth), stale.eq(1)]
