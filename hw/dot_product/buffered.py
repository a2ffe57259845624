"""The dot-product engine alone: three streams that may wait at any time."""

from ..buffered import QueuedEngine
from .engine import DotProductEngine

__all__ = ["BufferedDotProductEngine"]


class BufferedDotProductEngine(QueuedEngine):
    """A `DotProductEngine` whose streams may idle and wait at any time.

    Parameters
    ----------
    parameters: DotProductParameters
    depth: int or None
        As of `QueuedEngine`.
    """

    def __init__(self, parameters, depth=None):
        # A vector is in the operand registers one cycle after its admission.
        latency = 1 + parameters.geometry(*parameters.dataflows).latency
        super().__init__(parameters, delay=latency, depth=depth)

    def make_engine(self):
        return DotProductEngine(self.array, post_beats=1)
