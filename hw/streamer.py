"""Streamers: a loop nest turns a memory into a stream."""

from amaranth import Module, Shape, Signal, signed, unsigned
from amaranth.lib import data, stream
from amaranth.lib.wiring import In, Out

from .job import add_address, add_nest, latch
from .loop_nest import all_marked, bounds_layout, deltas_layout
from .stamp import StampedComponent

__all__ = ["Streamer", "beat_layout", "streamer_config"]


def beat_layout(lanes, shape, tail=False):
    """Layout of one beat: its lanes and its marks, ``tail`` only where the engine asks for it."""
    return data.StructLayout({
        "lanes": data.ArrayLayout(shape, lanes),
        "first": 1,
        "last": 1,
        "final": 1,
        **({"tail": 1} if tail else {}),
    })


def streamer_config(dims, bound_bits, address_bits, shape, coordinate_bits, tail=False):
    """Layout of what a streamer takes at the start of a job.

    ``base``, ``bounds`` and ``deltas`` make the addresses (see `hw.loop_nest`). The masks have one
    bit per dimension: a beat is ``first`` where all dimensions in ``first_mask`` are at 0, and
    ``last`` (``final``, ``tail``) where all those in ``last_mask`` (``final_mask``, ``tail_mask``)
    are at bound - 1.

    With coordinates, ``y`` and ``x`` (signed) are those of the first beat, and beats outside
    ``0 <= y < height`` and ``0 <= x < width`` have ``pad`` in every lane. ``height`` and ``width``
    are at most ``2 ** (coordinate_bits - 1)``.
    """
    fields = {
        "base": unsigned(address_bits),
        "bounds": bounds_layout(dims, bound_bits),
        "deltas": deltas_layout(dims, address_bits),
        "first_mask": unsigned(dims),
        "last_mask": unsigned(dims),
        "final_mask": unsigned(dims),
        **({"tail_mask": unsigned(dims)} if tail else {}),
    }
    if coordinate_bits:
        fields |= {
            "y": signed(coordinate_bits),
            "x": signed(coordinate_bits),
            "y_deltas": deltas_layout(dims, coordinate_bits),
            "x_deltas": deltas_layout(dims, coordinate_bits),
            "height": unsigned(coordinate_bits),
            "width": unsigned(coordinate_bits),
            "pad": shape,
        }
    return data.StructLayout(fields)


class Streamer(StampedComponent):
    """Reads a memory along a loop nest, one beat per cycle, with zero-point padding.

    The memory's output register is the pipeline register: a read is issued only where the beat
    before it leaves, and the memory holds its output in between. The first read is issued in the
    cycle after ``load`` and its beat is valid one cycle later; from then on one beat per cycle, as
    fast as ``o.ready`` allows. A beat outside the coordinates reads nothing.

    Parameters
    ----------
    name: str
        Module name and kind: one set of parameters per name.
    dims, bound_bits: int
        Size of the loop nest.
    address_bits: int
        Width of the memory's address.
    lanes: int
        Numbers in one beat.
    shape: Shape
        Of one number.
    coordinate_bits: int
        Width of the signed coordinates y and x; 0 for a streamer without padding.
    held: bool
        Whether ``config`` stays as it is until the next ``load``, and is not latched.
    tail: bool
        Whether beats carry the mark ``tail``.

    Members
    -------
    load: In(1)
        Takes ``config`` and starts. Only while not ``active``.
    config: In(streamer_config(...))
    o: Out(stream.Signature(beat_layout(lanes, shape)))
    active: Out(1)
        Elements or a waiting beat remain.
    read_en, read_addr: Out(1), Out(address_bits)
        To the memory.
    read_data: In(ArrayLayout(shape, lanes))
        From the memory: valid in the cycle after ``read_en``, and held until the next.
    """

    def __init__(self, name, dims, bound_bits, address_bits, lanes, shape, coordinate_bits,
                 held, tail=False):
        self.module_name = name
        self.kind = name
        self.dims = dims
        self.bound_bits = bound_bits
        self.address_bits = address_bits
        self.lanes = lanes
        self.shape = Shape.cast(shape)
        self.coordinate_bits = coordinate_bits
        self.held = held
        self.tail = tail
        super().__init__({
            "load": In(1),
            "config": In(streamer_config(dims, bound_bits, address_bits, shape, coordinate_bits,
                                         tail)),
            "o": Out(stream.Signature(beat_layout(lanes, shape, tail))),
            "active": Out(1),
            "read_en": Out(1),
            "read_addr": Out(address_bits),
            "read_data": In(data.ArrayLayout(shape, lanes)),
        })

    def parameters(self):
        return {"dims": self.dims, "bound_bits": self.bound_bits,
                "address_bits": self.address_bits, "lanes": self.lanes,
                "lane_bits": self.shape.width, "signed": self.shape.signed,
                "coordinate_bits": self.coordinate_bits, "tail": self.tail}

    def elaborate(self, platform):
        m = Module()
        issue = Signal()
        inside = Signal(init=1)
        nest = add_nest(m, self, step=issue)

        m.d.comb += [
            issue.eq(nest.active & (~self.o.valid | self.o.ready)),
            self.read_en.eq(issue & inside),
            self.read_addr.eq(
                add_address(m, self, "address", "base", "deltas", issue, nest.steps)),
            self.o.p.lanes.eq(self.read_data),
            self.active.eq(nest.active | self.o.valid),
        ]
        with m.If(~self.o.valid | self.o.ready):
            m.d.sync += self.o.valid.eq(nest.active)

        marks = {"first": nest.at_first, "last": nest.at_last, "final": nest.at_last}
        if self.tail:
            marks["tail"] = nest.at_last
        for mark, flags in marks.items():
            mask = latch(m, self, f"{mark}_mask")
            with m.If(issue):
                m.d.sync += self.o.p[mark].eq(all_marked(mask, flags))

        if self.coordinate_bits:
            self._add_padding(m, nest, issue, inside)
        return m

    def _add_padding(self, m, nest, issue, inside):
        """Drop reads outside the coordinates and replace their data."""
        y = add_address(m, self, "y", "y", "y_deltas", issue, nest.steps)
        x = add_address(m, self, "x", "x", "x_deltas", issue, nest.steps)
        padded = Signal()
        pad = latch(m, self, "pad")
        # Taken as unsigned, a negative coordinate lies above every height and width.
        m.d.comb += inside.eq((y < latch(m, self, "height")) & (x < latch(m, self, "width")))
        with m.If(issue):
            m.d.sync += padded.eq(~inside)
        with m.If(padded):
            m.d.comb += [lane.eq(pad) for lane in self.o.p.lanes]
