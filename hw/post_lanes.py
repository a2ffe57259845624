"""The lanes of post-processing: fed beat by beat, and their results gathered to a vector."""

from amaranth import Cat, Mux, Signal, signed
from amaranth.lib import data

from .job import latch
from .requantize import BIAS_BITS, Requantize
from .serial_requantize import SerialRequantize
from .stamp import Stamped

__all__ = ["add_lanes", "add_serial_lanes"]


def add_lanes(m, unit, beat):
    """Lanes that take a beat per cycle; returns the vector of their results.

    Parameters
    ----------
    m: Module
    unit: hw.post_processing.PostProcessing
    beat: Signal
        The next beat whose parameters are read; 0 behind the last one.
    """
    waiting = Signal(data.ArrayLayout(unit.accumulator.shape, unit.columns), reset_less=True)
    with m.If(unit.i_valid):
        m.d.sync += waiting.eq(unit.i_lanes)
    with m.Elif(beat != 0):
        taken = unit.lanes * unit.accumulator.bits
        m.d.sync += waiting.as_value()[:-taken].eq(waiting.as_value()[taken:])

    constants = _constants(m, unit)
    results = []
    for number in range(unit.lanes):
        lane = Requantize(accumulator=unit.accumulator, output=unit.output,
                          multiplier_bits=unit.multiplier_bits)
        m.submodules[f"lane_{number}"] = Stamped(lane)
        m.d.comb += lane.sum.eq(waiting[number])
        _connect(m, unit, number, lane, constants)
        results.append(lane.o)
    vector = Cat(results)
    if unit.beats > 1:
        gathered = Signal((unit.columns - unit.lanes) * unit.output.bits, reset_less=True)
        vector = Cat(gathered, results)
        m.d.sync += gathered.eq(vector[unit.lanes * unit.output.bits:])
    return vector


def add_serial_lanes(m, unit, run, step):
    """Lanes that take a beat's sums bit by bit; returns the vector of their results.

    Parameters
    ----------
    m: Module
    unit: hw.post_processing.PostProcessing
    run, step: Signal
        See `SerialRequantize`.
    """
    constants = _constants(m, unit)
    lanes = []
    for number in range(unit.lanes):
        lane = SerialRequantize(output=unit.output, multiplier_bits=unit.multiplier_bits,
                                cycles=unit.cycles)
        m.submodules[f"lane_{number}"] = Stamped(lane)
        m.d.comb += [
            lane.run.eq(run), lane.step.eq(step),
            lane.sum.eq(_serialized(m, unit, number, run, step, lane.bits)),
        ]
        _connect(m, unit, number, lane, constants)
        lanes.append(lane)
    results = [lane.o for lane in lanes]
    vector = Cat(results)
    if unit.beats > 1:
        gathered = Signal((unit.columns - unit.lanes) * unit.output.bits, reset_less=True)
        vector = Cat(gathered, results)
        with m.If(lanes[0].o_changes):
            m.d.sync += gathered.eq(vector[unit.lanes * unit.output.bits:])
    return vector


def _constants(m, unit):
    """What all lanes have in common, by the names of their members."""
    return {field: latch(m, unit, field)
            for field in ("output_zero_point", "clamp_min", "clamp_max")}


def _connect(m, unit, number, lane, constants):
    m.d.comb += [
        lane.channel.eq(unit.parameter_data[number]),
        *(getattr(lane, field).eq(value) for field, value in constants.items()),
    ]


def _serialized(m, unit, number, run, step, bits):
    """The bits of a lane's sums, column after column; a sum's sign as long as its steps last."""
    width = min(unit.accumulator.bits + (not unit.accumulator.signed), BIAS_BITS)
    digits = -(-width // bits)
    columns = []
    for column in range(number, unit.columns, unit.lanes):
        columns.append(Signal(signed(digits * bits), name=f"column_{column}"))
        m.d.comb += columns[-1].eq(unit.i_lanes[column])
    waiting = Signal(len(Cat(columns)), name=f"waiting_{number}", reset_less=True)
    with m.If(unit.i_valid):
        m.d.sync += waiting.eq(Cat(columns))
    with m.Elif(run & ((step < digits - 1) | (step == unit.cycles - 1))):
        m.d.sync += waiting.eq(waiting >> bits)
    return Mux(step < digits, waiting[:bits], waiting[bits - 1].replicate(bits))
