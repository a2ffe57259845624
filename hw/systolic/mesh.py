"""Columns of processing elements and meshes of columns: wiring only, each one stamped module."""

from amaranth import Cat, Module, Shape
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from ..stamp import Stamped, StampedComponent

__all__ = ["Column", "Mesh"]

# A mesh of more columns consists of meshes: the wires of one module, and with them the time to
# convert it, then grow with the rows and not with rows times columns.
GROUP = 16


class Column(StampedComponent):
    """``rows`` processing elements, top to bottom.

    Horizontal ports become one lane per row, vertical ones a chain from the top to the bottom.

    Parameters
    ----------
    name: str
        Verilog module name.
    make_element: function
        From a row to a new processing element; rows whose elements are equal share one module.
    rows: int

    Members
    -------
    x_i, x_o: ``ArrayLayout(shape, rows)`` for each horizontal port x of the elements.
    x_i: input at the top for each vertical port x; sum_o, the output at the bottom.
    x: each static port x.
    """

    kind = "column"

    def __init__(self, name, make_element, rows):
        self.make_element, self.rows = make_element, rows
        self.module_name = name
        top, bottom = make_element(0), make_element(rows - 1)
        self.horizontal, self.vertical, self.static = top.horizontal, top.vertical, top.static
        members = {}
        for port in top.horizontal:
            lanes = data.ArrayLayout(_shape(bottom, f"{port}_i"), rows)
            members |= {f"{port}_i": In(lanes), f"{port}_o": Out(lanes)}
        members |= {f"{port}_i": In(_shape(top, f"{port}_i")) for port in top.vertical}
        members |= {port: In(1) for port in top.static}
        super().__init__(members | {"sum_o": Out(_shape(bottom, "sum_o"))})

    def parameters(self):
        return {"rows": self.rows}

    def elaborate(self, platform):
        m = Module()
        above = self
        for row in range(self.rows):
            m.submodules[f"pe_{row}"] = Stamped(pe := self.make_element(row))
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
    x_i, x_o: ``ArrayLayout(shape, rows)``, left and right edge of each horizontal port x.
    y_i: ``ArrayLayout(shape, columns)``, top edge of each vertical port y but the partial sums,
        which start from zero.
    z: each static port z.
    sum_o: ``ArrayLayout(shape, columns)``, the bottom edge of the partial sums.
    """

    kind = "mesh"

    def __init__(self, make_column, columns):
        self.make_column, self.columns = make_column, columns
        column = make_column()
        self.rows = column.rows
        self.module_name = f"mesh_{self.rows}x{columns}"
        self.horizontal, self.static = column.horizontal, column.static
        self.vertical = [port for port in column.vertical if port != "sum"]
        members = {}
        for port in self.horizontal:
            lanes = column.signature.members[f"{port}_i"].shape
            members |= {f"{port}_i": In(lanes), f"{port}_o": Out(lanes)}
        members |= {f"{port}_i": In(data.ArrayLayout(_shape(column, f"{port}_i"), columns))
                    for port in self.vertical}
        members |= {port: In(1) for port in self.static}
        sums = data.ArrayLayout(_shape(column, "sum_o"), columns)
        super().__init__(members | {"sum_o": Out(sums)})

    def parameters(self):
        return {"rows": self.rows, "columns": self.columns}

    def elaborate(self, platform):
        m = Module()
        left, side, sums = self, "i", []
        for start, stop, name, part in self._parts():
            m.submodules[name] = Stamped(part)
            m.d.comb += [getattr(part, f"{port}_i").eq(getattr(left, f"{port}_{side}"))
                         for port in self.horizontal]
            m.d.comb += [getattr(part, f"{port}_i").eq(getattr(self, f"{port}_i")[start:stop])
                         for port in self.vertical]
            m.d.comb += [getattr(part, port).eq(getattr(self, port)) for port in self.static]
            left, side = part, "o"
            sums.append(part.sum_o)
        m.d.comb += self.sum_o.eq(Cat(sums))
        m.d.comb += [getattr(self, f"{port}_o").eq(getattr(left, f"{port}_o"))
                     for port in self.horizontal]
        return m

    def _parts(self):
        """First and last column (exclusive), name and component of each part, left to right."""
        if self.columns <= GROUP:
            for column in range(self.columns):
                yield column, column + 1, f"column_{column}", self.make_column()
            return
        for start in range(0, self.columns, GROUP):
            stop = min(start + GROUP, self.columns)
            yield start, stop, f"columns_{start}", Mesh(self.make_column, stop - start)


def _shape(component, port):
    return Shape.cast(component.signature.members[port].shape)
