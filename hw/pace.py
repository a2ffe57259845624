"""The pace of post-processing: which part of a vector is due when."""

from dataclasses import dataclass

from amaranth import Mux, Signal, Value

from .parameters import address_bits

__all__ = ["Pace", "count_beats", "count_steps"]


@dataclass(frozen=True)
class Pace:
    """When a vector's beats are due.

    Parameters
    ----------
    beat: Signal
        The beat whose parameters are read next.
    reads, ends: Value
        They are read in this cycle; the nest moves on, as many cycles before the vector is written
        as the pipelined lane's latency and one more.
    busy: Value
        Beats are still to be read, or steps to be taken.
    step: Signal or None
        Which step, where a beat takes several.
    """

    beat: Signal
    reads: Value
    ends: Value
    busy: Value
    step: Signal | None = None


def count_beats(m, unit):
    """`Pace` of lanes that take a beat per cycle."""
    beat = Signal(address_bits(unit.beats))
    ends = Signal(name="last_beat")
    reads = unit.i_valid | (beat != 0)
    m.d.comb += ends.eq(reads & (beat == unit.beats - 1))
    with m.If(ends):
        m.d.sync += beat.eq(0)
    with m.Elif(reads):
        m.d.sync += beat.eq(beat + 1)
    return Pace(beat, reads, ends, busy=beat != 0)


def count_steps(m, unit):
    """`Pace` of lanes that take several steps for each beat, from the next cycle on."""
    beat = Signal(address_bits(unit.beats))
    step = Signal(range(unit.cycles))
    run, ends, next_beat = Signal(), Signal(), Signal()
    m.d.comb += [
        next_beat.eq((step == unit.cycles - 1) & (beat != 0)),
        # A cycle earlier, so that the parameters of the next vector can follow at once.
        ends.eq((step == unit.cycles - 2) & (beat == 0)),
    ]
    with m.If(run):
        m.d.sync += step.eq(step + 1)
    with m.If(unit.i_valid | next_beat):
        m.d.sync += [run.eq(1), beat.eq(Mux(beat == unit.beats - 1, 0, beat + 1))]
    with m.Elif(step == unit.cycles - 1):
        m.d.sync += run.eq(0)
    return Pace(beat, unit.i_valid | next_beat, ends, busy=run, step=step)
