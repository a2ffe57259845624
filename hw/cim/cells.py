"""Bit cells: the storage of a weight column, with a 1-bit product at each cell.

This is the one place to put a foundry's array instead. `CellArray` is a thin wrapper with the
same ports in both cases: around `BitCells`, which are synthesizable registers, or around the
module that the configuration names, which the generated Verilog only instantiates.
"""

from dataclasses import replace

from amaranth import Array, Cat, ClockSignal, Instance, Module, ResetSignal, Signal, unsigned
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from ..parameters import address_bits
from ..stamp import Stamped, StampedComponent, flat_ports

__all__ = ["BLOCK_ROWS", "BitCells", "CellArray", "cell_members", "cell_models"]

BLOCK_ROWS = 32     # rows of one module: text and wires stay small however tall a column is


def cell_members(rows, weight_bits, planes, banks):
    """Ports of cells, of a block or of a whole column.

    - ``write_rows`` (one bit per row), ``write_banks`` (one per bank), ``write_data``: the cells
      where both are high take the weight at the clock's edge;
    - ``bank``: the bank that computes, by its number;
    - ``planes``: word lines, ``rows`` for each input bit of a cycle;
    - ``products[plane][bit]``: for each row the word line and the stored bit; combinational.
    """
    return {
        "write_rows": In(rows), "write_banks": In(banks), "write_data": In(weight_bits),
        "bank": In(address_bits(banks)),
        "planes": In(data.ArrayLayout(unsigned(rows), planes)),
        "products": Out(data.ArrayLayout(
            data.ArrayLayout(unsigned(rows), weight_bits), planes)),
    }


class BitCells(StampedComponent):
    """Cells of up to `BLOCK_ROWS` rows of a weight column, as registers.

    Parameters
    ----------
    rows, weight_bits, planes, banks: int
        Rows; bits of a weight; input bits per cycle; weights that each row stores.

    Members
    -------
    See `cell_members`. The bank that computes must not be written.
    """

    kind = "cim_cell_block"

    def __init__(self, rows, weight_bits, planes, banks):
        self.rows, self.weight_bits, self.planes_count, self.banks = (
            rows, weight_bits, planes, banks)
        self.module_name = f"cim_cell_block_{rows}"
        super().__init__(cell_members(rows, weight_bits, planes, banks))

    def parameters(self):
        return {"rows": self.rows, "weight_bits": self.weight_bits,
                "bits_per_cycle": self.planes_count, "banks": self.banks}

    def elaborate(self, platform):
        m = Module()
        weights = []
        for row in range(self.rows):
            cells = [Signal(self.weight_bits, name=f"row_{row}_bank_{bank}", reset_less=True)
                     for bank in range(self.banks)]
            for bank, cell in enumerate(cells):
                with m.If(self.write_rows[row] & self.write_banks[bank]):
                    m.d.sync += cell.eq(self.write_data)
            weights.append(Array(cells)[self.bank] if self.banks > 1 else cells[0])
        for bit in range(self.weight_bits):
            stored = Signal(self.rows, name=f"stored_{bit}")
            m.d.comb += stored.eq(Cat(weight[bit] for weight in weights))
            for plane in range(self.planes_count):
                m.d.comb += self.products[plane][bit].eq(self.planes[plane] & stored)
        return m


class CellArray(StampedComponent):
    """All cells of a weight column.

    Parameters
    ----------
    parameters: DigitalCimParameters

    Members
    -------
    See `cell_members`.
    """

    kind = "cim_cells"
    opaque = True       # blocks of rows

    def __init__(self, parameters):
        self.cim = p = parameters
        self.rows = p.rows_per_macro
        self.shape = (p.weights.bits, p.bits_per_cycle, p.banks)
        self.module_name = f"cim_cells_{self.rows}x{p.weights.bits}"
        super().__init__(cell_members(self.rows, *self.shape))

    def parameters(self):
        weight_bits, planes, banks = self.shape
        return {"rows": self.rows, "weight_bits": weight_bits, "bits_per_cycle": planes,
                "banks": banks, "cell_macro": self.cim.cell_macro}

    def elaborate(self, platform):
        m = Module()
        if self.cim.cell_macro:
            ports = {f"{direction}_{name}": value for name, direction, value in flat_ports(self)}
            m.submodules.cells = Instance(self.cim.cell_macro, i_clk=ClockSignal(),
                                          i_rst=ResetSignal(), **ports)
            return m
        for start in range(0, self.rows, BLOCK_ROWS):
            block = slice(start, min(start + BLOCK_ROWS, self.rows))
            cells = BitCells(block.stop - start, *self.shape)
            m.submodules[f"rows_{start}"] = Stamped(cells)
            m.d.comb += [
                cells.write_rows.eq(self.write_rows[block]),
                cells.write_banks.eq(self.write_banks),
                cells.write_data.eq(self.write_data),
                cells.bank.eq(self.bank),
            ]
            for plane, products in enumerate(cells.products):
                m.d.comb += cells.planes[plane].eq(self.planes[plane][block])
                for bit, product in enumerate(products):
                    m.d.comb += self.products[plane][bit][block].eq(product)
        return m


def cell_models(parameters):
    """What simulation takes for the configured cell macro: the synthesizable cells."""
    name = parameters.cell_macro
    return {name: CellArray(replace(parameters, cell_macro=None))} if name else {}
