"""What the hardware must compute: integer numpy, written from the specification.

No module here computes with floats, and every array is ``int64``.
"""

from .layers import Accumulation, LayerResult, run_layer
from .network import WorkloadResult, run_workload

__all__ = ["Accumulation", "LayerResult", "WorkloadResult", "run_layer", "run_workload"]
