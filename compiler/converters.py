"""Converter settings of analog engines: what a code of the ADC stands for, layer by layer."""

from dataclasses import dataclass

from generators.errors import UserError

__all__ = ["Converter", "converter_for", "never_clips"]

GAIN_BITS = 24      # of the hardware's fixed-point gain: 2**GAIN_BITS / step


@dataclass(frozen=True)
class Converter:
    """Codes 0, 1, 2, ... stand for the column sums low, low + step, low + 2 * step, ...

    Parameters
    ----------
    low: int
        0 or more.
    step: int
        1 or more. With ``low`` 0 and a step of 1, sums up to the largest code are exact.
    """

    low: int
    step: int

    def __post_init__(self):
        problems = []
        if self.low < 0:
            problems.append(f"converter.low: {self.low} is negative, column sums are not; use 0 "
                            "or more")
        if self.step < 1:
            problems.append(f"converter.step: {self.step} is below one step of the converter; "
                            "use 1 or more")
        if problems:
            raise UserError(problems)

    @property
    def gain(self):
        """What the hardware multiplies by, in place of a division by the step."""
        return ((1 << GAIN_BITS) + self.step // 2) // self.step


def never_clips(engine):
    """The finest `Converter` of an engine that holds every ideal column sum."""
    return Converter(low=0, step=engine.highest_step)


def converter_for(layer, engine, converters):
    """A layer's `Converter`: the one that ``converters`` has under its name, or `never_clips`.

    Raises
    ------
    UserError
        If the engine cannot be set to it.
    """
    converter = (converters or {}).get(layer.name)
    if converter is None:
        return never_clips(engine)
    problems = []
    if converter.low > engine.highest_sum:
        problems.append(f"{layer.name}: converter.low: {converter.low} is above the largest column "
                        f"sum; use at most {engine.highest_sum}")
    if converter.step > engine.highest_step:
        problems.append(f"{layer.name}: converter.step: {converter.step} is more than any column "
                        f"sum needs; use at most {engine.highest_step}")
    if problems:
        raise UserError(problems)
    return converter
