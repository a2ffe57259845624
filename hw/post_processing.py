"""Post-processing: requantizes complete sums and writes them to the activation memory."""

from itertools import pairwise

from amaranth import Cat, Module, Mux, Signal, signed, unsigned
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from .job import add_address, add_nest, latch
from .loop_nest import all_marked, bounds_layout, deltas_layout
from .pace import count_beats, count_steps
from .post_lanes import add_lanes, add_serial_lanes
from .requantize import Requantize, channel_layout
from .serial_requantize import SERIAL_CYCLES
from .stamp import StampedComponent

__all__ = ["PostProcessing", "post_processing_config"]


def post_processing_config(dims, bound_bits, address_bits, parameter_address_bits,
                           coordinate_bits, output_words, output):
    """Layout of what `PostProcessing` takes at the start of a job.

    The loop nest in ``bounds`` has one element per vector. It gives the address of the vector's
    first word (``base``, ``deltas``), the address of the parameters of its first beat
    (``parameter_base``, ``parameter_deltas``), and, unless ``coordinate_bits`` is 0, its
    coordinates (``y``, ``x``, signed, and their deltas): vectors outside ``0 <= y < height`` and
    ``0 <= x < width`` are not written.

    The masks have one bit per dimension. ``parameter_mask`` lists the innermost loops over which
    the parameters stay the same: they are read where all these are at 0, and serve again elsewhere
    (if a vector takes several beats, they are always read). Where all dimensions in ``tail_mask``
    are at bound - 1, no more than the first ``tail_words`` words of the vector are written.
    """
    coordinates = {
        "y": signed(coordinate_bits),
        "x": signed(coordinate_bits),
        "y_deltas": deltas_layout(dims, coordinate_bits),
        "x_deltas": deltas_layout(dims, coordinate_bits),
        "height": unsigned(coordinate_bits),
        "width": unsigned(coordinate_bits),
    } if coordinate_bits else {}
    return data.StructLayout({
        "base": unsigned(address_bits),
        "parameter_base": unsigned(parameter_address_bits),
        "bounds": bounds_layout(dims, bound_bits),
        "deltas": deltas_layout(dims, address_bits),
        "parameter_deltas": deltas_layout(dims, parameter_address_bits),
        **coordinates,
        "parameter_mask": unsigned(dims),
        "tail_mask": unsigned(dims),
        "tail_words": range(output_words + 1),
        "output_zero_point": output.shape,
        "clamp_min": output.shape,
        "clamp_max": output.shape,
    })


class PostProcessing(StampedComponent):
    """``lanes`` columns at a time: bias, requantization, clamp; then the whole vector is written.

    A vector that enters in cycle u has its beats' parameters read in cycles u, u + cycles and so
    on, and is written in cycle u + ``latency``. One vector every ``beats * cycles`` cycles, where
    ``beats`` is columns / lanes.

    Parameters
    ----------
    columns, lanes: int
        Numbers in a vector, and how many are processed at a time; lanes divide columns.
    accumulator, output: NumberFormat
        Formats of the sums and of the results.
    multiplier_bits: int
        Width of the multiplier; see `hw.requantize`.
    cycles: int
        That a lane takes per result: 1, or those of `hw.serial_requantize`.
    dims, bound_bits: int
        Size of the loop nest.
    address_bits, parameter_address_bits: int
        Widths of the word addresses of the two memories.
    coordinate_bits: int
        Width of the signed coordinates y and x; 0 if all vectors are written.
    word_lanes: int
        Lanes of an activation word; divides columns.
    held: bool
        Whether ``config`` stays as it is until the next ``load``, and is not latched.

    Members
    -------
    load: In(1)
        Takes ``config`` and starts. Only while neither ``active`` nor ``busy``.
    config: In(post_processing_config(...))
    i_valid, i_lanes: In(1), In(ArrayLayout(accumulator.shape, columns))
        A vector, at least ``beats * cycles`` cycles after the one before; as many as the nest has
        elements.
    parameter_read_en, parameter_addr: Out(1), Out(parameter_address_bits)
    parameter_data: In(ArrayLayout(channel_layout(multiplier_bits), lanes))
        Valid in the cycle after ``parameter_read_en``, and held until the next.
    write_en, write_addr, write_words: Out(1), Out(address_bits), Out(range(output_words + 1))
        Write the first ``write_words`` words of ``write_data`` from ``write_addr`` on.
    write_data: Out(ArrayLayout(output.shape, columns))
    active: Out(1)
        Vectors are still to come.
    busy: Out(1)
        Vectors are under way.
    """

    kind = "post_processing"

    def __init__(self, columns, lanes, accumulator, output, multiplier_bits, cycles, dims,
                 bound_bits, address_bits, parameter_address_bits, coordinate_bits, word_lanes,
                 held):
        for name, value in (("lanes", lanes), ("word_lanes", word_lanes)):
            if value < 1 or columns % value:
                raise ValueError(f"{name}={value} does not divide columns={columns}")
        if cycles not in (1, *SERIAL_CYCLES):
            raise ValueError(f"cycles={cycles} is none of {(1, *SERIAL_CYCLES)}")
        self.columns = columns
        self.lanes = lanes
        self.accumulator = accumulator
        self.output = output
        self.multiplier_bits = multiplier_bits
        self.cycles = cycles
        self.dims = dims
        self.bound_bits = bound_bits
        self.coordinate_bits = coordinate_bits
        self.word_lanes = word_lanes
        self.held = held
        self.module_name = f"post_processing_{columns}_by_{lanes}"
        self.config_layout = post_processing_config(
            dims, bound_bits, address_bits, parameter_address_bits, coordinate_bits,
            self.output_words, output)
        super().__init__({
            "load": In(1), "config": In(self.config_layout),
            "i_valid": In(1), "i_lanes": In(data.ArrayLayout(accumulator.shape, columns)),
            "parameter_read_en": Out(1), "parameter_addr": Out(parameter_address_bits),
            "parameter_data": In(data.ArrayLayout(channel_layout(multiplier_bits), lanes)),
            "write_en": Out(1), "write_addr": Out(address_bits),
            "write_words": Out(range(self.output_words + 1)),
            "write_data": Out(data.ArrayLayout(output.shape, columns)),
            "active": Out(1), "busy": Out(1),
        })

    def parameters(self):
        return {"columns": self.columns, "lanes": self.lanes,
                "accumulator": str(self.accumulator), "output": str(self.output),
                "multiplier_bits": self.multiplier_bits, "cycles": self.cycles, "dims": self.dims,
                "bound_bits": self.bound_bits, "address_bits": len(self.write_addr),
                "parameter_address_bits": len(self.parameter_addr),
                "coordinate_bits": self.coordinate_bits, "word_lanes": self.word_lanes}

    @property
    def beats(self):
        """Parts of a vector that the lanes take one after the other."""
        return self.columns // self.lanes

    @property
    def output_words(self):
        """Activation words in one vector."""
        return self.columns // self.word_lanes

    @property
    def latency(self):
        """Cycles from ``i_valid`` to ``write_en``."""
        return self.beats * self.cycles + Requantize.latency

    def elaborate(self, platform):
        m = Module()
        pace = count_beats(m, self) if self.cycles == 1 else count_steps(m, self)
        nest = add_nest(m, self, pace.ends)
        self._read_parameters(m, nest, pace)
        vector = (add_lanes(m, self, pace.beat) if self.cycles == 1 else
                  add_serial_lanes(m, self, pace.busy, pace.step))
        m.d.comb += self.write_data.as_value().eq(vector)

        # The write side follows the nest as late as its results arrive: what travels along is
        # which loop steps, not the addresses.
        tail = all_marked(latch(m, self, "tail_mask"), nest.at_last)
        event = data.StructLayout({"valid": 1, "tail": 1, "steps": self.dims})
        flight = [Signal(event, name=f"flight_{i}") for i in range(1 + Requantize.latency)]
        m.d.sync += flight[0].eq(Cat(pace.ends, tail, nest.steps))
        m.d.sync += [later.eq(earlier) for earlier, later in pairwise(flight)]
        self._write(m, flight[-1])
        m.d.comb += [
            self.active.eq(nest.active),
            self.busy.eq(pace.busy | Cat(stage.valid for stage in flight).any()),
        ]
        return m

    def _read_parameters(self, m, nest, pace):
        """One word for each beat, or only new ones if a beat is a vector."""
        addr = add_address(m, self, "parameter_address", "parameter_base", "parameter_deltas",
                           pace.ends, nest.steps)
        m.d.comb += self.parameter_addr.eq(addr + pace.beat)
        if self.beats > 1:
            m.d.comb += self.parameter_read_en.eq(pace.reads)
        else:
            m.d.comb += self.parameter_read_en.eq(
                self.i_valid & all_marked(latch(m, self, "parameter_mask"), nest.at_first))

    def _write(self, m, event):
        """Write the vector whose last beat is ready, unless it lies outside."""
        def follow(name, base, deltas):
            return add_address(m, self, name, base, deltas, event.valid, event.steps)

        inside = Signal(init=1)
        if self.coordinate_bits:
            # Taken as unsigned, a negative coordinate lies above every height and width.
            m.d.comb += inside.eq((follow("y", "y", "y_deltas") < latch(m, self, "height"))
                                  & (follow("x", "x", "x_deltas") < latch(m, self, "width")))
        m.d.comb += [
            self.write_en.eq(event.valid & inside),
            self.write_addr.eq(follow("address", "base", "deltas")),
            self.write_words.eq(Mux(event.tail, latch(m, self, "tail_words"), self.output_words)),
        ]
