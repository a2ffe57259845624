"""Behavioural stand-in for an analog-to-digital converter."""

from amaranth import Module, Mux, Signal
from amaranth.lib.wiring import In, Out

from ...stamp import StampedComponent
from .columns import cell_sum_bits
from .noise import GAIN, OFFSET, deviation, noise_key
from .parameters import FRACTION_BITS, GAIN_BITS, SIGMA_BITS

__all__ = ["Adc"]


class Adc(StampedComponent):
    """``code = clip(round((value - low) / step), 0, 2**adc_bits - 1)``, the value being a sum of
    cells that column mismatch and thermal noise have changed. Latency one cycle.

    The division is a multiplication by ``gain``, ``2**GAIN_BITS / step``.

    Parameters
    ----------
    parameters: AnalogCimParameters

    Members
    -------
    number, key, index: In, with thermal noise: of this converter; of this job's noise; of the
        conversion.
    column: In(16), where columns differ: the number of the one that it serves now.
    low, gain: In, settings.
    convert: In(1), there is a sum. sum: In, see `cell_sum_bits`. code: Out(adc_bits).
    """

    kind = "analog_adc"

    def __init__(self, parameters):
        self.cim = p = parameters
        self.module_name = f"analog_adc_{p.adc_bits}"
        noise = p.noise
        super().__init__({
            **({"number": In(16), "key": In(32), "index": In(32)} if noise.thermal else {}),
            **({"column": In(16)} if noise.gain or noise.offset else {}),
            "convert": In(1), "sum": In(cell_sum_bits(p)),
            "low": In(p.low_bits), "gain": In(p.gain_bits), "code": Out(p.adc_bits)})

    def parameters(self):
        noise = self.cim.noise
        return {"bits": self.cim.adc_bits, "thermal_sigma": noise.thermal,
                "offset_sigma": noise.offset, "gain_sigma": noise.gain, "seed": noise.seed}

    def elaborate(self, platform):
        m = Module()
        noise, largest = self.cim.noise, (1 << self.cim.adc_bits) - 1
        value = self.sum if noise.cell else self.sum << FRACTION_BITS
        if noise.gain:
            extra = deviation(m, "gain", noise_key(noise.seed, GAIN), self.column, 0, noise.gain,
                              SIGMA_BITS)
            value = (value * ((1 << SIGMA_BITS) + extra)) >> SIGMA_BITS
        if noise.offset:
            value = value + deviation(m, "offset", noise_key(noise.seed, OFFSET), self.column, 0,
                                      noise.offset, FRACTION_BITS)
        if noise.thermal:
            value = value + deviation(m, "thermal", self.key, self.number, self.index,
                                      noise.thermal, FRACTION_BITS)
        above = value - (self.low << FRACTION_BITS)
        shift = GAIN_BITS + FRACTION_BITS
        quotient = (above * self.gain + (1 << (shift - 1))) >> shift
        rounded = Signal(quotient.shape())
        m.d.comb += rounded.eq(quotient)
        with m.If(self.convert):
            m.d.sync += self.code.eq(Mux(rounded < 0, 0, Mux(rounded > largest, largest, rounded)))
        return m
