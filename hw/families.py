"""The engine families: the one table that a core looks its engine up in."""

from collections.abc import Callable
from dataclasses import dataclass

from .cim.analog.engine import AnalogCimEngine, analog_cim_config
from .cim.analog.parameters import AnalogCimParameters
from .cim.cells import cell_models
from .cim.engine import DigitalCimEngine, digital_cim_config
from .cim.parameters import DigitalCimParameters
from .dot_product.buffered import BufferedDotProductEngine
from .dot_product.engine import DotProductEngine, dot_product_config
from .dot_product.parameters import DotProductParameters
from .row_stationary.config import row_stationary_config
from .row_stationary.engine import RowStationaryEngine
from .row_stationary.parameters import RowStationaryParameters
from .systolic.buffered import BufferedEngine
from .systolic.engine import SystolicEngine, engine_config
from .systolic.parameters import SystolicParameters

__all__ = ["FAMILIES", "EngineFamily", "family_of"]


@dataclass(frozen=True)
class EngineFamily:
    """How a core builds an engine.

    Parameters
    ----------
    component: function
        From the engine's parameters and the cycles that post-processing spends on a vector to the
        engine, with the members that `SystolicEngine` documents.
    config: function
        From the same to the layout of what a layer chooses.
    alone: function or None
        From the engine's parameters to the engine as it is used without a core: with streams that
        may wait at any time. None if there is no such component.
    models: function
        From the engine's parameters to components that stand for the modules that its Verilog
        leaves out, by the names of those modules.
    """

    component: Callable
    config: Callable
    alone: Callable | None = None
    models: Callable = lambda parameters: {}


FAMILIES = {
    SystolicParameters: EngineFamily(SystolicEngine, engine_config, BufferedEngine),
    DigitalCimParameters: EngineFamily(DigitalCimEngine, digital_cim_config,
                                       models=cell_models),
    AnalogCimParameters: EngineFamily(AnalogCimEngine, analog_cim_config),
    DotProductParameters: EngineFamily(DotProductEngine, dot_product_config,
                                       BufferedDotProductEngine),
    RowStationaryParameters: EngineFamily(RowStationaryEngine, row_stationary_config),
}


def family_of(parameters):
    """The `EngineFamily` of an engine's parameters."""
    return FAMILIES[type(parameters)]
