"""The systolic engine alone: three streams that may wait at any time."""

from amaranth import Module, Mux, Signal
from amaranth.lib import data, stream
from amaranth.lib.wiring import In, Out, connect, flipped

from ..fifo import Fifo
from ..parameters import Dataflow
from ..stamp import Stamped, StampedComponent
from ..streamer import beat_layout
from .engine import SystolicEngine

__all__ = ["BufferedEngine", "buffered_config"]


def buffered_config(parameters):
    """What a job chooses: ``output_stationary`` (of a switchable array; any value for others) and
    ``active_rows`` (rows that hold pixels, minus one; output-stationary)."""
    return data.StructLayout({
        "output_stationary": 1,
        "active_rows": max(1, (parameters.rows - 1).bit_length()),
    })


class BufferedEngine(StampedComponent):
    """A `SystolicEngine` whose streams may idle and wait at any time.

    Outputs wait in a queue; nothing enters the array before its outputs have a place there.
    Output-stationary operands gather in queues as well: a block starts when all its beats have
    come, ``active_rows`` of inputs and ``rows`` of weights, and then runs without a pause.

    The operands are those of `SystolicEngine`, in the same order and with the same marks, except
    that ``final`` has no meaning here.

    Throughput: that of `SystolicEngine`, if the outputs are taken as fast as they come.
    Latency: two cycles, those of the queue, after `EngineGeometry.latency`; an output-stationary
    block starts one cycle after its last beat was taken (two if there is only one row). Operands
    of a switchable array always pass its queues: two cycles more in weight-stationary jobs.

    Parameters
    ----------
    parameters: SystolicParameters
    depth: int or None
        Output vectors that are under way or waiting at most; as many as full throughput needs if
        None. A shorter queue costs cycles; it needs 3 places, and an output-stationary array one
        for each row.

    Members
    -------
    load: In(1)
        Start of a job: latches ``config`` and forgets operands and outputs of the job before.
    config: In(buffered_config(parameters))
    inputs, weights: In(stream.Signature(beat_layout(...)))
    outputs: Out(stream.Signature(ArrayLayout(partial sum, columns)))
    busy: Out(1)
        Outputs are under way or waiting.
    """

    kind = "buffered_engine"

    def __init__(self, parameters, depth=None):
        p = self.array = parameters
        self.drains = p.dataflow in (Dataflow.OUTPUT_STATIONARY, Dataflow.SWITCHABLE)
        burst = p.rows if self.drains else 1        # output vectors of one admission
        if depth is None:
            # From the admission to the cycle in which the place is free again, and the places of
            # the next admission.
            depth = max(p.geometry(flow).latency for flow in p.dataflows) + 2 * burst + 1
        if depth < max(burst, 3):
            raise ValueError(f"the output queue needs a depth of {max(burst, 3)} or more, "
                             f"not {depth}")
        self.depth = depth
        self.module_name = f"buffered_engine_{p.rows}x{p.columns}"
        weight_lanes = p.geometry(p.dataflows[0]).weight_lanes
        super().__init__({
            "load": In(1), "config": In(buffered_config(p)),
            "inputs": In(stream.Signature(beat_layout(p.rows, p.inputs.shape))),
            "weights": In(stream.Signature(beat_layout(weight_lanes, p.weights.shape))),
            "outputs": Out(stream.Signature(data.ArrayLayout(p.partial_sum.shape, p.columns))),
            "busy": Out(1),
        })

    def parameters(self):
        return {"rows": self.array.rows, "columns": self.array.columns, "depth": self.depth}

    def elaborate(self, platform):
        m = Module()
        m.submodules.engine = Stamped(engine := SystolicEngine(self.array, post_beats=1))
        m.d.comb += [
            engine.load.eq(self.load),
            engine.config.output_stationary.eq(self.config.output_stationary),
            engine.config.active_rows.eq(self.config.active_rows),
        ]
        config = Signal(self.config.shape())
        with m.If(self.load):
            m.d.sync += config.eq(self.config)
        if self.array.dataflow is Dataflow.SWITCHABLE:
            drains = config.output_stationary
        else:
            drains = self.drains
        if self.drains:
            self._gather(m, engine, config, drains)
        else:
            connect(m, flipped(self.inputs), engine.inputs)
            connect(m, flipped(self.weights), engine.weights)
        self._queue_outputs(m, engine, Mux(drains, config.active_rows + 1, 1))
        return m

    def _gather(self, m, engine, config, drains):
        """Operand queues that hold a running block and gather the next."""
        rows = self.array.rows
        ports = {"input": (self.inputs, engine.inputs), "weight": (self.weights, engine.weights)}
        queues = {}
        for name, (source, port) in ports.items():
            queues[name] = queue = Fifo(f"{name}_queue", source.payload.shape(), 2 * rows + 1)
            m.submodules[queue.module_name] = Stamped(queue)
            connect(m, flipped(source), queue.i)
            m.d.comb += [queue.clear.eq(self.load), port.payload.eq(queue.o.payload),
                         queue.o.ready.eq(port.ready)]

        step = Signal(range(rows))                  # of the running block
        whole, open_ = Signal(), Signal()
        m.d.comb += [
            whole.eq((queues["input"].level > config.active_rows)
                     & (queues["weight"].level >= rows)),
            open_.eq(step.any() | whole | ~drains),
            *(port.valid.eq(queues[name].o.valid & open_) for name, (_, port) in ports.items()),
        ]
        with m.If(engine.weights.valid & engine.weights.ready):
            m.d.sync += step.eq(Mux(step == rows - 1, 0, step + 1))
        with m.If(self.load):
            m.d.sync += step.eq(0)

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
