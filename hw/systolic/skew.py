"""Triangles of delays at the edges of an array.

Each lane is one packed shift register. A module holds at most `TILE` lanes of `TILE` numbers: what
is larger consists of such tiles, so that the time to convert it grows with the number of lanes and
not with its square.
"""

from amaranth import Cat, Module, Shape, Signal
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from ..stamp import Stamped, StampedComponent

__all__ = ["Feeder", "RotatingFeeder", "Skew"]

TILE = 16


def _tiles(lanes):
    """First and last lane (exclusive) of each tile."""
    return [(start, min(start + TILE, lanes)) for start in range(0, lanes, TILE)]


class Delays(StampedComponent):
    """Delays lane ``n`` by ``depths[n]`` cycles.

    Members
    -------
    i, o: ``ArrayLayout(shape, len(depths))``.
    """

    kind = "skew"

    def __init__(self, name, shape, depths):
        self.shape, self.depths = Shape.cast(shape), tuple(depths)
        self.module_name = name
        layout = data.ArrayLayout(self.shape, len(self.depths))
        super().__init__({"i": In(layout), "o": Out(layout)})

    def parameters(self):
        return {"lanes": len(self.depths), "bits": self.shape.width,
                "first_depth": self.depths[0], "last_depth": self.depths[-1]}

    def elaborate(self, platform):
        m = Module()
        if len(self.depths) <= TILE:
            self._shift(m)
        else:
            for start, stop in _tiles(len(self.depths)):
                self._add_tiles(m, start, stop)
        return m

    def _shift(self, m):
        width = self.shape.width
        for lane, depth in enumerate(self.depths):
            line = Signal(width * depth, name=f"lane_{lane}")
            path = Cat(self.i[lane], line)
            m.d.sync += line.eq(path[:width * depth])
            m.d.comb += self.o[lane].eq(path[width * depth:])

    def _add_tiles(self, m, start, stop):
        """Lanes ``start`` to ``stop``: whole tiles for what all of them wait, then the rest."""
        lanes, depths = stop - start, self.depths[start:stop]
        whole, path = min(depths) // TILE, self.i[start:stop]
        for number in range(whole):
            tile = Delays(f"{self.module_name}_{lanes}x{TILE}", self.shape, [TILE] * lanes)
            m.submodules[f"lanes_{start}_delay_{number}"] = Stamped(tile)
            m.d.comb += tile.i.eq(path)
            path = tile.o
        rest = [depth - whole * TILE for depth in depths]
        edge = Delays(f"{self.module_name}_{rest[0]}to{rest[-1]}", self.shape, rest)
        m.submodules[f"lanes_{start}"] = Stamped(edge)
        m.d.comb += [edge.i.eq(path), self.o[start:stop].eq(edge.o)]


class Skew(Delays):
    """Delays lane ``n`` by ``n`` cycles, or by ``lanes - 1 - n`` if ``reverse`` (de-skew).

    Members
    -------
    i, o: ``ArrayLayout(shape, lanes)``.
    """

    def __init__(self, shape, lanes, *, reverse=False):
        name = f"{'deskew' if reverse else 'skew'}_{lanes}x{Shape.cast(shape).width}"
        super().__init__(name, shape, range(lanes)[::-1] if reverse else range(lanes))


class Feeder(StampedComponent):
    """Feeds an edge with whole vectors: ``enter`` takes one lane for every row.

    The vectors that entered last stay at the entry, so that an idle edge stops toggling.

    Members
    -------
    word, o: ``ArrayLayout(shape, rows)``; row n follows ``n + 1`` cycles after ``enter``.
    enter: In(1)
    """

    kind = "feeder"

    def __init__(self, shape, rows):
        self.shape, self.rows = Shape.cast(shape), rows
        self.module_name = f"feeder_{rows}x{self.shape.width}"
        layout = data.ArrayLayout(self.shape, rows)
        super().__init__({"word": In(layout), "enter": In(1), "o": Out(layout)})

    def parameters(self):
        return {"rows": self.rows, "bits": self.shape.width}

    def elaborate(self, platform):
        m = Module()
        m.submodules.skew = Stamped(skew := Skew(self.shape, self.rows))
        entry = Signal.like(self.word)
        with m.If(self.enter):
            m.d.sync += entry.eq(self.word)
        m.d.comb += [skew.i.eq(entry), self.o.eq(skew.o)]
        return m


class RotatingFeeder(StampedComponent):
    """Feeds the left edge of an output-stationary array: one shift register per row.

    Such an array takes at each step one word of reduction lanes for one row (``load``, one bit per
    row); the rows are loaded in rotation, which is their skew as well. If it ``enters``, it also
    takes one lane for every row at once, like a `Feeder`: lane n goes to place n of row n.

    The last place of a register keeps its number, so that an idle edge stops toggling; in a tile
    that ``follows`` another, it takes the number at the front of that one.

    Members
    -------
    word: ``ArrayLayout(shape, lanes)``; load: one bit per row; enter: In(1).
    follow: ``ArrayLayout(shape, rows)``, the fronts of the tile behind.
    o: ``ArrayLayout(shape, rows)``, one cycle after ``load`` or ``n + 1`` after ``enter``.
    """

    kind = "feeder"

    def __init__(self, shape, rows, lanes, *, enters, follows=False):
        self.shape, self.rows, self.lanes = Shape.cast(shape), rows, lanes
        self.enters, self.follows = enters, follows
        self.module_name = "_".join([f"rotating_feeder_{rows}x{lanes}x{self.shape.width}",
                                     *["enters"] * enters, *["follows"] * follows])
        column = data.ArrayLayout(self.shape, rows)
        super().__init__({
            "word": In(data.ArrayLayout(self.shape, lanes)), "load": In(rows),
            **({"enter": In(1)} if enters else {}), **({"follow": In(column)} if follows else {}),
            "o": Out(column),
        })

    def parameters(self):
        return {"rows": self.rows, "lanes": self.lanes, "bits": self.shape.width,
                "enters": self.enters, "follows": self.follows}

    def elaborate(self, platform):
        m = Module()
        if max(self.rows, self.lanes) > TILE:
            for start, stop in _tiles(self.rows):
                self._add_tiles(m, start, stop)
        else:
            for row in range(self.rows):
                self._add_row(m, row)
        return m

    def _add_row(self, m, row):
        width = self.shape.width
        line = Signal(width * self.lanes, name=f"row_{row}")
        behind = self.follow[row] if self.follows else line[-width:]
        m.d.sync += line.eq(Cat(line[width:], behind))
        if self.enters:
            with m.If(self.enter):
                m.d.sync += line.word_select(row, width).eq(self.word[row])
        with m.If(self.load[row]):
            m.d.sync += line.eq(self.word)
        m.d.comb += self.o[row].eq(line[:width])

    def _add_tiles(self, m, start, stop):
        """Rows ``start`` to ``stop``, from the tile at the back to the one at the front."""
        behind = None
        for first, last in reversed(_tiles(self.lanes)):
            enters, follows = self.enters and first == start, behind is not None
            tile = RotatingFeeder(self.shape, stop - start, last - first, enters=enters,
                                  follows=follows)
            m.submodules[f"rows_{start}_lanes_{first}"] = Stamped(tile)
            m.d.comb += [tile.word.eq(self.word[first:last]), tile.load.eq(self.load[start:stop])]
            if enters:
                m.d.comb += tile.enter.eq(self.enter)
            if follows:
                m.d.comb += tile.follow.eq(behind.o)
            behind = tile
        m.d.comb += self.o[start:stop].eq(behind.o)
