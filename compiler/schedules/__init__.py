"""One schedule per dataflow: the one table that the compiler looks in."""

from .depthwise_window import DepthwiseWindow
from .input_stationary import InputStationary
from .output_stationary import OutputStationary
from .row_stationary import RowStationary
from .schedule import Bases, Mapping, Schedule, before_first_tile, next_tile
from .weight_stationary import WeightStationary

__all__ = ["SCHEDULES", "Bases", "Mapping", "Schedule", "before_first_tile", "next_tile"]

SCHEDULES = {schedule.flow: schedule
             for schedule in (WeightStationary(), OutputStationary(), InputStationary(),
                              RowStationary(), DepthwiseWindow())}
