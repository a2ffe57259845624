"""The dot-product engine alone: three streams that may wait at any time."""

from amaranth.lib import data
from amaranth.lib.wiring import In

from ..buffered import QueuedEngine
from .engine import DotProductEngine, window_config

__all__ = ["BufferedDotProductEngine"]


class BufferedDotProductEngine(QueuedEngine):
    """A `DotProductEngine` whose streams may idle and wait at any time.

    Parameters
    ----------
    parameters: DotProductParameters
    depth: int or None
        As of `QueuedEngine`.

    Members
    -------
    Those of `QueuedEngine`; and with ``depthwise`` config: In(StructLayout(window_config(...))),
    latched by ``load``.
    """

    def __init__(self, parameters, depth=None):
        # A vector is in the operand registers one cycle after its admission.
        latency = 1 + parameters.geometry(parameters.dataflows[0]).latency
        members = {}
        if parameters.depthwise:
            members["config"] = In(data.StructLayout(window_config(parameters)))
        super().__init__(parameters, delay=latency, depth=depth, members=members)

    def make_engine(self):
        return DotProductEngine(self.array, post_beats=1)

    def _connect(self, m, engine):
        if self.array.depthwise:
            m.d.comb += [engine.config[name].eq(self.config[name])
                         for name in window_config(self.array)]
        return super()._connect(m, engine)
