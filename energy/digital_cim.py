"""Prices digital compute-in-memory: bit cells, adder trees and shift-accumulators."""

from .adders import format_bits, tree_adders, weighing_adders
from .cim_actions import Action
from .parts import REFERENCE_ACTIVITY

__all__ = ["DIGITAL_ACTIONS"]


def _products(run, path, parameters):
    """Cells on driven word lines; by activity, products that change."""
    energy = run.technology.cell_product_pj
    driven = run.cycles(f"{path}.planes") * parameters["weight_bits"]
    toggles = run.activity.net(f"{path}.products").total_toggles
    return driven, driven * energy, toggles / REFERENCE_ACTIVITY * energy


def _word_lines(run, path, parameters):
    """Word lines over this column's cells, up and down for every 1; by activity, what they do."""
    energy = run.technology.cell_line_pj * parameters["weight_bits"]
    pulses = run.cycles(f"{path}.planes")
    toggles = run.activity.net(f"{path}.planes").total_toggles
    return pulses, pulses * energy, toggles / 2 * energy


def _writes(run, path, parameters):
    energy = run.technology.sram.write_pj(parameters["rows"] * parameters["banks"],
                                         parameters["weight_bits"])
    writes = run.cycles(f"{path}.write_rows")
    return writes, writes * energy, writes * energy


def _tree(run, path, parameters):
    energy = run.technology.full_adder_pj * tree_adders(
        parameters["terms"], parameters["operand"], parameters["style"])
    sums = run.counts[path]
    return sums, sums * energy, run.switching.get(path, sums) * energy


def _weighing(run, path, parameters):
    """The counts of ones in the columns of bits become a sum of weights, in each plane."""
    accumulate = f"{path}.accumulate"
    planes = run.parameters(accumulate)["bits_per_cycle"]
    energy = planes * run.technology.full_adder_pj * weighing_adders(
        parameters["rows"].bit_length(), format_bits(parameters["weights"]))
    sums = run.counts[path]
    return sums, sums * energy, run.random_words(f"{accumulate}.sums") * energy


def _accumulate(run, path, parameters):
    """Numbers that come together (planes, or converters of one weight), and the total."""
    if "converters" in parameters:
        together, bits = parameters["converters"], parameters["number_bits"]
    else:
        together = parameters["bits_per_cycle"]
        bits = run.activity.net(f"{path}.sums").bits // together
    energy = ((together - 1) * run.technology.adder_pj(bits)
              + run.technology.adder_pj(parameters["bits"]))
    sums = run.counts[path]
    return sums, sums * energy, run.random_words(f"{path}.total") * energy


DIGITAL_ACTIONS = (
    Action("cim_cells", "products", "products", _products, "bitwise_32"),
    Action("cim_cells", "word lines", "pulses", _word_lines, "cell_line"),
    Action("cim_cells", "writes", "writes", _writes),
    Action("adder_tree", "adders", "sums", _tree),
    Action("cim_column", "adders", "sums", _weighing),
    Action("shift_accumulate", "adders", "sums", _accumulate),
)
