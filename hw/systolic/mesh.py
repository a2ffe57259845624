"""Columns of processing elements and meshes of columns: wiring only, each one stamped module."""

from amaranth import Cat, Module, Shape
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from ..stamp import Stamped, StampedComponent

__all__ = ["Column", "Mesh"]


class Column(StampedComponent):
    """``rows`` processing elements, top to bottom.

    Horizontal ports become one lane per row, vertical ones a chain from the top to the bottom.

    Parameters
    ----------
    name: str
        Verilog module name.
    elements: list of PE
        One per row; rows whose elements are equal share one module.

    Members
    -------
    x_i, x_o: ``ArrayLayout(shape, rows)`` for each horizontal port x of the elements.
    x_i: input at the top for each vertical port x; sum_o, the output at the bottom.
    x: each static port x.
    """

    kind = "column"

    def __init__(self, name, elements):
        self.elements = elements
        self.module_name = name
        top, bottom = elements[0], elements[-1]
        self.horizontal, self.vertical, self.static = top.horizontal, top.vertical, top.static
        members = {}
        for port in top.horizontal:
            lanes = data.ArrayLayout(_shape(bottom, f"{port}_i"), len(elements))
            members |= {f"{port}_i": In(lanes), f"{port}_o": Out(lanes)}
        members |= {f"{port}_i": In(_shape(top, f"{port}_i")) for port in top.vertical}
        members |= {port: In(1) for port in top.static}
        super().__init__(members | {"sum_o": Out(_shape(bottom, "sum_o"))})

    def parameters(self):
        return {"rows": len(self.elements)}

    def elaborate(self, platform):
        m = Module()
        above = self
        for row, pe in enumerate(self.elements):
            m.submodules[f"pe_{row}"] = Stamped(pe)
            for port in self.horizontal:
                m.d.comb += [
                    getattr(pe, f"{port}_i").eq(getattr(self, f"{port}_i")[row]),
                    getattr(self, f"{port}_o")[row].eq(getattr(pe, f"{port}_o")),
                ]
            for port in self.vertical:
                side = "i" if above is self else "o"
                m.d.comb += getattr(pe, f"{port}_i").eq(getattr(above, f"{port}_{side}"))
            m.d.comb += [getattr(pe, port).eq(getattr(self, port)) for port in self.static]
            above = pe
        m.d.comb += self.sum_o.eq(above.sum_o)
        return m


class Mesh(StampedComponent):
    """``columns`` equal columns, left to right.

    Parameters
    ----------
    make_column: function
        Returns a new, equal `Column` at each call.
    columns: int

    Members
    -------
    x: ``ArrayLayout(shape, rows)``, the left edge of each horizontal port.
    y: ``ArrayLayout(shape, columns)``, the top edge of each vertical port but the partial sums,
        which start from zero.
    sums: ``ArrayLayout(shape, columns)``, the bottom edge of the partial sums.
    """

    kind = "mesh"

    def __init__(self, make_column, columns):
        self.columns = [make_column() for _ in range(columns)]
        column = self.columns[0]
        self.rows = len(column.elements)
        self.module_name = f"mesh_{self.rows}x{columns}"
        self.top = [port for port in column.vertical if port != "sum"]
        super().__init__({
            **{port: In(_layout(column, f"{port}_i")) for port in column.horizontal},
            **{port: In(data.ArrayLayout(_shape(column, f"{port}_i"), columns))
               for port in self.top},
            **{port: In(1) for port in column.static},
            "sums": Out(data.ArrayLayout(_shape(column, "sum_o"), columns)),
        })

    def parameters(self):
        return {"rows": self.rows, "columns": len(self.columns)}

    def elaborate(self, platform):
        m = Module()
        left = None
        for index, column in enumerate(self.columns):
            m.submodules[f"column_{index}"] = Stamped(column)
            for port in column.horizontal:
                source = getattr(left, f"{port}_o") if left else getattr(self, port)
                m.d.comb += getattr(column, f"{port}_i").eq(source)
            m.d.comb += [getattr(column, f"{port}_i").eq(getattr(self, port)[index])
                         for port in self.top]
            m.d.comb += [getattr(column, port).eq(getattr(self, port)) for port in column.static]
            left = column
        m.d.comb += self.sums.eq(Cat(column.sum_o for column in self.columns))
        return m


def _layout(component, port):
    return component.signature.members[port].shape


def _shape(component, port):
    return Shape.cast(_layout(component, port))
