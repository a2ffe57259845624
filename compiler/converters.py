"""Converter settings of analog engines: what a code of the ADC stands for, layer by layer."""

from dataclasses import dataclass, replace
from math import ceil
from zlib import crc32

from generators.errors import UserError

from .tile import per_channel, used_rows

__all__ = ["Converter", "converter_fields", "never_clips", "with_converters"]

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
            problems.append(f"converter.step: {self.step} is less than column sums differ by; "
                            "use 1 or more")
        if problems:
            raise UserError(problems)

    @classmethod
    def spanning(cls, low, high, adc_bits):
        """The finest settings whose codes reach from ``low`` to ``high``; sums outside are clipped.

        Raises
        ------
        UserError
            If the range is less than one step.
        """
        if high - low < 1:
            raise UserError(f"converter: the range from {low} to {high} is less than one step; "
                            "column sums differ by 1, use a wider one")
        return cls(low, ceil((high - low) / ((1 << adc_bits) - 1)))

    @property
    def gain(self):
        """What the hardware multiplies by, in place of a division by the step."""
        return ((1 << GAIN_BITS) + self.step // 2) // self.step


def never_clips(engine, rows=None):
    """The finest `Converter` that holds every ideal sum of a column.

    Parameters
    ----------
    engine: AnalogCimParameters
    rows: int or None
        Rows that can add to a sum; None: all that are driven at once.
    """
    rows = engine.rows_active if rows is None else min(rows, engine.rows_active)
    highest = engine.highest_sum // engine.rows_active * rows
    return Converter.spanning(0, highest, engine.adc_bits)


def with_converters(workload, engine, converters):
    """The workload with the settings of its layers.

    Parameters
    ----------
    workload: Workload
    engine: EngineParameters
    converters: dict of str to Converter, or None

    Raises
    ------
    UserError
        With every setting that the engine cannot have.
    """
    if converters is None:
        return workload
    problems = list(_problems(workload, engine, converters))
    if problems:
        raise UserError(problems)
    return replace(workload, layers=tuple(
        replace(layer, converter=converters.get(layer.name)) for layer in workload.layers))


def _problems(workload, engine, converters):
    if not hasattr(engine, "adc_bits"):
        yield "converters: this core's engine has none; leave them out, or use an analog engine"
        return
    names = [layer.name for layer in workload.layers]
    for name, converter in converters.items():
        if name not in names:
            yield f"converters.{name}: no such layer; use {', '.join(names)}"
        if converter.low > engine.highest_sum:
            yield (f"converters.{name}.low: {converter.low} is above every column sum; use at most "
                   f"{engine.highest_sum}")
        if converter.step > engine.highest_step:
            yield (f"converters.{name}.step: {converter.step} is more than the widest range needs; "
                   f"use at most {engine.highest_step}")


def converter_fields(tile, engine):
    """Descriptor fields of a tile's converters, and the seed of its job's noise."""
    layer = tile.layer
    alone = per_channel(layer) or layer.kind == "depthwise_conv2d"
    used, _ = used_rows(tile, engine.geometry(engine.dataflows[0]))
    converter = layer.converter or never_clips(engine, 1 if alone else used)
    place = (layer.name, tile.y, tile.x, tile.channel, tile.kernel_y.start, tile.kernel_x.start,
             tile.blocks.start)
    return {"engine.adc_low": converter.low, "engine.adc_step": converter.step,
            "engine.adc_gain": converter.gain, "engine.noise_seed": crc32(repr(place).encode())}
