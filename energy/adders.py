"""How many full adders a sum takes; a half adder is half of one."""

import functools
import re

__all__ = ["format_bits", "tree_adders", "weighing_adders"]


def format_bits(number_format):
    """Width of ``int8`` or ``uint4``."""
    return int(re.search(r"\d+$", number_format)[0])


def tree_adders(terms, operand, style):
    """Full adders of a tree.

    Parameters
    ----------
    terms: int
    operand: str
        Format of each term.
    style: str
        ``ripple``: two numbers at a time, the halves of the terms having been added up before.
        ``carry_save``: compressors, which take away a bit for each full adder; what half adders
        there are is not counted.
    """
    if style == "carry_save":
        return max(0, terms * format_bits(operand) - _sum_bits(terms, operand))
    return _ripple_adders(terms, operand)


@functools.cache
def _ripple_adders(terms, operand):
    if terms == 1:
        return 0
    halves = (terms + 1) // 2, terms // 2
    wide, narrow = (_sum_bits(half, operand) for half in halves)
    return _adder(wide, narrow) + sum(_ripple_adders(half, operand) for half in halves)


def _adder(wide, narrow):
    """Both numbers and a carry from the second bit on; one of them and a carry beyond."""
    full = narrow - 1
    return full + (wide - full) / 2


def _sum_bits(terms, operand):
    """Width of the narrowest format of all sums."""
    bits = format_bits(operand)
    if operand.startswith("u"):
        return (terms * ((1 << bits) - 1)).bit_length()
    return ((terms << (bits - 1)) - 1).bit_length() + 1


def weighing_adders(count_bits, weight_bits):
    """Full adders of ``sum(counts[j] << j)`` over the bits of a weight, added up in pairs."""
    numbers, adders = [(bit, count_bits) for bit in range(weight_bits)], 0
    while len(numbers) > 1:
        pairs = list(zip(numbers[::2], numbers[1::2], strict=False))
        rest = numbers[2 * len(pairs):]
        numbers = []
        for (low, low_bits), (high, high_bits) in pairs:
            shift = high - low  # as many of the lower bits pass by
            if low_bits <= shift:
                numbers.append((low, shift + high_bits))
                continue
            wide, narrow = sorted((low_bits - shift, high_bits), reverse=True)
            adders += _adder(wide, narrow)
            numbers.append((low, shift + wide + 1))
        numbers += rest
    return adders
