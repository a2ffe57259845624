"""Simulation-only nets beside a core, recorded with it: values that follow from those of its nets.

A calibration card may price the partial products of a multiplier, which Verilog's ``*`` does not
show. The module has one scope for each instance, named as in the core, with such nets in it, so
that activity files hold them by their paths. It belongs beside an instance called ``core``.
"""

from .version import VERSION

__all__ = ["derived_name", "derived_text", "partial_products"]


def derived_name(manifest):
    """Name of the module of derived nets."""
    return f"{manifest['top']}_derived"


def derived_text(manifest, nets):
    """The Verilog of derived nets; equal arguments give equal texts.

    Parameters
    ----------
    manifest: dict
        The core's.
    nets: dict of str to tuple of energy.partial_products.PartialProducts
        By path of the component that has the operands.
    """
    kinds = list(dict.fromkeys(product for products in nets.values() for product in products))
    tree = {}
    for path, products in nets.items():
        scope = tree
        for name in path.split("."):
            scope = scope.setdefault(name, {})
        scope[None] = path, products
    return "".join([
        f"// Simulation only: values that follow from nets of {manifest['top']}. Written by Ergon "
        f"{VERSION}.\n`timescale 1ps / 1ps\n\nmodule {derived_name(manifest)};\n",
        *(partial_products(f"booth_{kinds.index(kind)}", kind) for kind in kinds),
        *_scopes(tree, kinds, "  "), "endmodule\n"])


def _scopes(tree, kinds, indent):
    for name, inside in tree.items():
        if name is None:
            path, products = inside
            for one in products:
                yield (f"{indent}wire [{one.bits - 1}:0] {one.name} = booth_{kinds.index(one)}("
                       f"core.{path}.{one.plain}, core.{path}.{one.recoded});\n")
        else:
            yield f"{indent}if (1) begin : {name}\n"
            yield from _scopes(inside, kinds, indent + "  ")
            yield f"{indent}end\n"


def partial_products(name, operands):
    """A function of two operands: Booth's rows, the lowest first.

    Parameters
    ----------
    name: str
    operands: energy.partial_products.PartialProducts
    """
    return _PARTIAL_PRODUCTS.format(
        name=name, last=operands.bits - 1, width=operands.row_bits, rows=operands.digits,
        plain_last=operands.plain_bits - 1, recoded_last=operands.recoded_bits - 1,
        plain="$signed(plain)" if operands.plain_signed else "plain",
        recoded="$signed(recoded)" if operands.recoded_signed else "recoded")


_PARTIAL_PRODUCTS = """\
  function automatic [{last}:0] {name}(input bit [{plain_last}:0] plain,
                                       input bit [{recoded_last}:0] recoded);
    reg [{width} - 1:0] single, double;
    reg [2 * {rows}:0] digits;
    integer row;
    begin
      single = {plain};
      double = single << 1;
      digits = {recoded};
      digits = digits << 1;
      for (row = 0; row < {rows}; row = row + 1)
        {name}[row * {width} +: {width}] = {{{width}{{digits[2 * row + 2]}}}}
          ^ ({{{width}{{digits[2 * row] ^ digits[2 * row + 1]}}}} & single
             | {{{width}{{digits[2 * row] == digits[2 * row + 1]
                          & digits[2 * row + 2] != digits[2 * row + 1]}}}} & double);
    end
  endfunction
"""
