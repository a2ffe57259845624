"""Pipelined multipliers behind one interface: the place to put an FPGA family's own instead."""

from dataclasses import dataclass

from amaranth import Module, Signal
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from .stamp import Stamped, StampedComponent

__all__ = ["Multiplier", "MultiplierKind", "add_products", "pipeline"]


@dataclass(frozen=True)
class MultiplierKind:
    """How the products of an element are made.

    Parameters
    ----------
    latency: int
        Registers from operands to product.
    dsp: bool
        On an FPGA: in a DSP block, else in look-up tables. The same numbers in the same cycles.
    """

    latency: int
    dsp: bool


class Multiplier(StampedComponent):
    """``ways`` products of one number: ``product[n] = a * b[n]``, ``latency`` cycles later.

    One set of operands per cycle. Registers are not reset: what is under way is qualified by
    whoever multiplies. What an FPGA family puts in its place has the same ports and latency (see
    `hw.fpga`).

    Parameters
    ----------
    a, b: NumberFormat
    ways: int
    kind: MultiplierKind

    Members
    -------
    a: In(a.shape)
    b: In(ArrayLayout(b.shape, ways))
    product: Out(ArrayLayout(shape of a * b, ways))
    """

    kind = "multiplier"

    def __init__(self, a, b, ways, kind):
        self.a_format, self.b_format = a, b
        self.ways, self.latency, self.dsp = ways, kind.latency, kind.dsp
        self.product_bits = a.bits + b.bits
        shares = f"_x{ways}" if ways > 1 else ""
        self.module_name = (f"multiply_{a}x{b}{shares}_{'dsp' if kind.dsp else 'logic'}"
                            f"_{kind.latency}")
        product = Signal(a.shape) * Signal(b.shape)
        super().__init__({
            "a": In(a.shape),
            "b": In(data.ArrayLayout(b.shape, ways)),
            "product": Out(data.ArrayLayout(product.shape(), ways)),
        })

    def parameters(self):
        return {"a": str(self.a_format), "b": str(self.b_format), "ways": self.ways,
                "latency": self.latency, "dsp": self.dsp}

    def elaborate(self, platform):
        """The first register holds the operands, if there are two or more; the rest products."""
        m = Module()
        operands = min(1, max(0, self.latency - 1))
        a = pipeline(m, self.a, operands, "a")
        for way in range(self.ways):
            b = pipeline(m, self.b[way], operands, f"b_{way}")
            m.d.comb += self.product[way].eq(
                pipeline(m, a * b, self.latency - operands, f"product_{way}"))
        return m


def pipeline(m, value, stages, name):
    """``value``, ``stages`` cycles later."""
    for stage in range(stages):
        register = Signal(value.shape(), name=f"{name}_{stage + 1}", reset_less=True)
        m.d.sync += register.eq(value)
        value = register
    return value


def add_products(m, a, b, formats, kind):
    """The products of ``a`` and each of ``b``, as a list.

    Parameters
    ----------
    m: Module
    a: Value
    b: list of Value
    formats: (NumberFormat, NumberFormat)
        Of ``a`` and of each of ``b``.
    kind: MultiplierKind or None
        None: a plain product of one number, without latency, on a net called ``product``.
    """
    if kind is None:
        product = Signal((a * b[0]).shape(), name="product")
        m.d.comb += product.eq(a * b[0])
        return [product]
    m.submodules.multiplier = Stamped(multiplier := Multiplier(*formats, len(b), kind))
    m.d.comb += [multiplier.a.eq(a),
                 *(port.eq(value) for port, value in zip(multiplier.b, b, strict=True))]
    return list(multiplier.product)
