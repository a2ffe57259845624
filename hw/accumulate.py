"""Accumulation: adds vectors onto a memory of accumulators, or keeps the larger numbers."""

from amaranth import Cat, Module, Mux, Signal, signed, unsigned
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from .arithmetic import cut
from .job import add_address, add_nest, latch
from .loop_nest import all_marked, bounds_layout, deltas_layout
from .stamp import Stamped, StampedComponent

__all__ = ["Accumulate", "AccumulateLane", "accumulate_config"]


def accumulate_config(dims, bound_bits, address_bits):
    """Layout of what `Accumulate` takes at the start of a job.

    ``base``, ``bounds`` and ``deltas`` give the address of each vector (see `hw.loop_nest`). The
    masks have one bit per dimension: where all dimensions in ``first_mask`` are at 0, a vector
    starts its sum, unless ``existing`` says that the memory holds one already; where all those in
    ``final_mask`` are at bound - 1, the sum is complete, and ``to_post`` sends it on instead of
    writing it. ``maximum`` keeps the larger number in place of the sum.
    """
    return data.StructLayout({
        "base": unsigned(address_bits),
        "bounds": bounds_layout(dims, bound_bits),
        "deltas": deltas_layout(dims, address_bits),
        "first_mask": unsigned(dims),
        "final_mask": unsigned(dims),
        "maximum": 1,
        "to_post": 1,
        "existing": 1,
    })


class AccumulateLane(StampedComponent):
    """One column: ``total = cut(existing + partial sum)``, or ``cut(max(existing, partial sum))``.

    Latency one cycle, and two to ``total``; one number per cycle. The sum or maximum is exact
    before it is cut to the accumulator: saturated, or wrapped.

    Parameters
    ----------
    partial_sum, accumulator: NumberFormat
        Formats of the input and of the accumulators.
    overflow: Overflow
        How results are cut.

    Members
    -------
    i_valid, i: In(1), In(partial_sum.shape)
        Cycle 0: the partial sum.
    maximum: In(1)
        Cycle 0: take the maximum in place of the sum; not with ``fresh``.
    add: In(1)
        Cycle 1: there is a number in this cycle.
    fresh, from_total: In(1)
        Cycle 1: the existing number is 0, or the number one cycle before; else it is the one from
        the memory. Not both.
    read_data: In(accumulator.shape)
        Cycle 1: from the memory.
    result: Out(accumulator.shape)
        Cycle 1.
    total: Out(accumulator.shape)
        The result from cycle 2 on, until the next.
    """

    kind = "accumulate_lane"

    def __init__(self, *, partial_sum, accumulator, overflow):
        self.partial_sum = partial_sum
        self.accumulator = accumulator
        self.overflow = overflow
        self.module_name = f"accumulate_lane_{partial_sum}_{accumulator}_{overflow.value}"
        super().__init__({
            "i_valid": In(1), "i": In(partial_sum.shape), "maximum": In(1),
            "add": In(1), "fresh": In(1), "from_total": In(1),
            "read_data": In(accumulator.shape),
            "result": Out(accumulator.shape), "total": Out(accumulator.shape),
        })

    def parameters(self):
        return {"partial_sum": str(self.partial_sum), "accumulator": str(self.accumulator),
                "overflow": self.overflow.value}

    def elaborate(self, platform):
        m = Module()
        value = Signal(_signed(self.partial_sum))
        term = Signal.like(value, reset_less=True)
        compare = Signal()
        m.d.comb += value.eq(self.i)
        with m.If(self.i_valid):
            m.d.sync += [term.eq(Mux(self.maximum, ~value, value)), compare.eq(self.maximum)]

        existing = Signal(_signed(self.accumulator))
        m.d.comb += existing.eq(
            Mux(self.from_total, self.total, Mux(self.fresh, 0, self.read_data)))

        # To compare is to subtract, with the adder that is there anyway: existing + ~value + 1,
        # where the 1 comes in as a carry from one place below.
        exact = (Cat(1, existing).as_signed() + Cat(compare, term).as_signed())[1:].as_signed()
        chosen = Signal(exact.shape())
        m.d.comb += [
            chosen.eq(Mux(compare, Mux(exact < 0, ~term, existing), exact)),
            self.result.eq(cut(chosen, self.accumulator, self.overflow)),
        ]
        with m.If(self.add):
            m.d.sync += self.total.eq(self.result)
        return m


def _signed(number):
    """The signed shape that holds all numbers of a format."""
    return signed(number.bits + (not number.signed))


class Accumulate(StampedComponent):
    """Adds vectors, at the addresses of a loop nest, onto a memory with a read and a write port.

    A vector that enters in cycle u is read for in cycle u, added and written in u + 1, or sent on
    in u + 2. One vector per cycle, at equal addresses too: a total that is written in the cycle in
    which it is read is forwarded. Totals that are sent on are not written.

    Parameters
    ----------
    columns: int
        Numbers in a vector.
    partial_sum, accumulator: NumberFormat
        Formats of the vectors and of the memory.
    overflow: Overflow
        How totals are cut to the accumulator's format.
    dims, bound_bits: int
        Size of the loop nest.
    address_bits: int
        Width of the memory's address.
    held: bool
        Whether ``config`` stays as it is until the next ``load``, and is not latched.

    Members
    -------
    load: In(1)
        Takes ``config`` and starts. Only while not ``busy``.
    config: In(accumulate_config(...))
    i_valid, i_lanes: In(1), In(ArrayLayout(partial_sum.shape, columns))
        A vector, taken in every cycle in which it is valid; as many as the nest has elements.
    read_en, read_addr, read_data: Out(1), Out(address_bits), In(columns * accumulator.bits)
        To a memory with a latency of one cycle.
    write_en, write_addr, write_data: Out(1), Out(address_bits), Out(columns * accumulator.bits)
    post_valid, post_lanes: Out(1), Out(ArrayLayout(accumulator.shape, columns))
        Complete totals, if the job sends them on.
    active: Out(1)
        Vectors are still to come.
    busy: Out(1)
        Vectors are under way.
    """

    kind = "accumulate"
    latency = 2

    def __init__(self, columns, partial_sum, accumulator, overflow, dims, bound_bits,
                 address_bits, held):
        self.columns = columns
        self.partial_sum = partial_sum
        self.accumulator = accumulator
        self.overflow = overflow
        self.dims = dims
        self.bound_bits = bound_bits
        self.address_bits = address_bits
        self.held = held
        self.module_name = f"accumulate_{columns}"
        word_bits = columns * accumulator.bits
        super().__init__({
            "load": In(1), "config": In(accumulate_config(dims, bound_bits, address_bits)),
            "i_valid": In(1), "i_lanes": In(data.ArrayLayout(partial_sum.shape, columns)),
            "read_en": Out(1), "read_addr": Out(address_bits), "read_data": In(word_bits),
            "write_en": Out(1), "write_addr": Out(address_bits), "write_data": Out(word_bits),
            "post_valid": Out(1), "post_lanes": Out(data.ArrayLayout(accumulator.shape, columns)),
            "active": Out(1), "busy": Out(1),
        })

    def parameters(self):
        return {"columns": self.columns, "partial_sum": str(self.partial_sum),
                "accumulator": str(self.accumulator), "overflow": self.overflow.value,
                "dims": self.dims, "bound_bits": self.bound_bits,
                "address_bits": self.address_bits}

    def elaborate(self, platform):
        m = Module()
        nest = add_nest(m, self, self.i_valid)
        addr = add_address(m, self, "address", "base", "deltas", self.i_valid, nest.steps)

        # Cycle 0: read. The vector in cycle 1 is being written.
        fresh = Signal()
        final = Signal()
        from_total = Signal()
        add = Signal()
        add_addr = Signal.like(addr, reset_less=True)
        add_final = Signal()
        m.d.comb += [
            fresh.eq(all_marked(latch(m, self, "first_mask"), nest.at_first)
                     & ~latch(m, self, "existing")),
            final.eq(all_marked(latch(m, self, "final_mask"), nest.at_last)
                     & latch(m, self, "to_post")),
            self.read_en.eq(self.i_valid & ~fresh),
            self.read_addr.eq(addr),
            from_total.eq(self.read_en & add & ~add_final & (addr == add_addr)),
        ]

        # Cycle 1: add and write. Cycle 2: send on.
        add_fresh = Signal()
        add_from_total = Signal()
        added = Signal()
        m.d.sync += [
            add.eq(self.i_valid),
            added.eq(add),
            self.post_valid.eq(add & add_final),
        ]
        m.d.comb += [self.write_en.eq(add & ~add_final), self.write_addr.eq(add_addr)]
        with m.If(self.i_valid):
            m.d.sync += [
                add_addr.eq(addr), add_final.eq(final), add_fresh.eq(fresh),
                add_from_total.eq(from_total),
            ]

        maximum = Signal()
        m.d.comb += maximum.eq(latch(m, self, "maximum") & ~fresh)
        results, totals = [], []
        for column in range(self.columns):
            lane = AccumulateLane(partial_sum=self.partial_sum, accumulator=self.accumulator,
                                  overflow=self.overflow)
            m.submodules[f"lane_{column}"] = Stamped(lane)
            bits = slice(column * self.accumulator.bits, (column + 1) * self.accumulator.bits)
            m.d.comb += [
                lane.i_valid.eq(self.i_valid), lane.i.eq(self.i_lanes[column]),
                lane.maximum.eq(maximum), lane.add.eq(add), lane.fresh.eq(add_fresh),
                lane.from_total.eq(add_from_total),
                lane.read_data.eq(self.read_data[bits]),
            ]
            results.append(lane.result)
            totals.append(lane.total)

        m.d.comb += [
            self.write_data.eq(Cat(results)),
            self.post_lanes.as_value().eq(Cat(totals)),
            self.active.eq(nest.active),
            self.busy.eq(add | added),
        ]
        return m
