"""The systolic engine alone: three streams that may wait at any time."""

from amaranth import Mux, Signal
from amaranth.lib import data
from amaranth.lib.wiring import In, connect, flipped

from ..buffered import QueuedEngine
from ..fifo import Fifo
from ..parameters import Dataflow
from ..stamp import Stamped
from .engine import SystolicEngine

__all__ = ["BufferedEngine", "buffered_config"]


def buffered_config(parameters):
    """What a job chooses: ``output_stationary`` (of a switchable array; any value for others) and
    ``active_rows`` (rows that hold pixels, minus one; output-stationary)."""
    return data.StructLayout({
        "output_stationary": 1,
        "active_rows": max(1, (parameters.rows - 1).bit_length()),
    })


class BufferedEngine(QueuedEngine):
    """A `SystolicEngine` whose streams may idle and wait at any time.

    Output-stationary operands gather in queues: a block starts when all its beats have come,
    ``active_rows`` of inputs and ``rows`` of weights, and then runs without a pause.

    Latency: that of a `QueuedEngine`; an output-stationary block starts one cycle after its last
    beat was taken (two if there is only one row). Operands of a switchable array always pass its
    queues: two cycles more in weight-stationary jobs.

    Parameters
    ----------
    parameters: SystolicParameters
    depth: int or None
        As of `QueuedEngine`; an output-stationary array has bursts of as many vectors as rows.

    Members
    -------
    Those of `QueuedEngine`; and config: In(buffered_config(parameters)), latched by ``load``.
    """

    def __init__(self, parameters, depth=None):
        p = parameters
        self.drains = p.dataflow in (Dataflow.OUTPUT_STATIONARY, Dataflow.SWITCHABLE)
        super().__init__(
            p, delay=max(p.geometry(flow).latency for flow in p.dataflows),
            burst=p.rows if self.drains else 1, depth=depth,
            members={"config": In(buffered_config(p))})

    def make_engine(self):
        return SystolicEngine(self.array, post_beats=1)

    def _connect(self, m, engine):
        m.d.comb += [
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
            super()._connect(m, engine)
        return Mux(drains, config.active_rows + 1, 1)

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
