"""Liberty's Boolean expressions: evaluation, probability and Verilog text.

Operators, the tightest first: `!A` and `A'`; `^`; `&`, `*` and a mere space; `|` and `+`. Every
function takes the expression's text; each text is parsed once.
"""

import re
from functools import cache

import numpy as np

from generators.errors import UserError

__all__ = [
    "depends",
    "evaluate",
    "probabilities",
    "probability",
    "substitute",
    "variables",
    "verilog",
]

_TOKEN = re.compile(r"\s*(?:([A-Za-z_][\w.$]*(?:\[\d+\])?)|([01])(?!\w)|([!'^&*|+()]))")
_STARTS = {"name", "constant", "!", "("}


@cache
def variables(text):
    """Names in an expression, in order of appearance."""
    names = {}

    def walk(tree):
        if tree[0] == "name":
            names[tree[1]] = None
        elif tree[0] != "constant":
            for branch in tree[1:]:
                walk(branch)

    walk(_parse(text))
    return tuple(names)


def evaluate(text, values):
    """Value of an expression where `values` maps its names to Boolean arrays that broadcast."""

    def value(tree):
        kind, *branches = tree
        if kind == "name":
            return np.asarray(values[branches[0]], dtype=bool)
        if kind == "constant":
            return np.asarray(branches[0])
        if kind == "not":
            return ~value(branches[0])
        operation = {"and": np.logical_and, "or": np.logical_or, "xor": np.logical_xor}[kind]
        return operation(value(branches[0]), value(branches[1]))

    return value(_parse(text))


def probabilities(text, columns):
    """Probability that an expression is 1 if its names are 1 independently, each with its own.

    The truth table's multilinear extension, so exact. `columns` maps each name to a float or to an
    array with one element per instance; the result has the shape to which they broadcast.
    """
    names = variables(text)
    shape = np.broadcast_shapes(*(np.shape(columns[name]) for name in names))
    # The last axes run over instances; each step sums one variable out of the table's leading axis.
    weights = _truth_table(text).reshape(-1, *(1 for _ in shape))
    for name in names:
        low, high = np.split(weights, 2)
        weights = low + (high - low) * columns[name]
    return np.broadcast_to(weights[0], shape)


def probability(text, values):
    """`probabilities` of one instance, as a float."""
    return float(probabilities(text, values))


@cache
def depends(text, name):
    """Expression that is 1 where `text` changes with `name`: the exclusive or of both cofactors."""
    tree = _parse(text)
    low, high = (_replace(tree, {name: ("constant", value)}) for value in (False, True))
    return _text(_xor(low, high))


def substitute(text, replacements):
    """The expression with names replaced by other expressions (a dictionary of texts)."""
    trees = {name: _parse(other) for name, other in replacements.items()}
    return _text(_replace(_parse(text), trees))


def verilog(text):
    """The expression as Verilog, fully parenthesized."""
    tree = _parse(text)
    return f"1'b{int(tree[1])}" if tree[0] == "constant" else _text(tree)


@cache
def _truth_table(text):
    """Floats 0 and 1 of shape [2^n]; the first variable is the index's most significant bit."""
    names = variables(text)
    axes = np.meshgrid(*[np.array([False, True])] * len(names), indexing="ij")
    result = evaluate(text, dict(zip(names, axes, strict=True)))
    return result.reshape(-1).astype(float)


def _text(tree):
    """Liberty and Verilog alike: only wholly constant trees still contain a constant."""
    kind, *branches = tree
    if kind == "name":
        return branches[0]
    if kind == "constant":
        return "1" if branches[0] else "0"
    if kind == "not":
        return f"!{_text(branches[0])}"
    sign = {"and": "&", "or": "|", "xor": "^"}[kind]
    return f"({_text(branches[0])} {sign} {_text(branches[1])})"


def _replace(tree, replacements):
    kind, *branches = tree
    if kind == "name":
        return replacements.get(branches[0], tree)
    if kind == "constant":
        return tree
    return _BUILD[kind](*(_replace(branch, replacements) for branch in branches))


def _not(a):
    if a[0] == "constant":
        return ("constant", not a[1])
    return a[1] if a[0] == "not" else ("not", a)


def _and(a, b):
    if "constant" in (a[0], b[0]):
        constant, other = (a, b) if a[0] == "constant" else (b, a)
        return other if constant[1] else constant
    return a if a == b else ("and", a, b)


def _or(a, b):
    return _not(_and(_not(a), _not(b))) if "constant" in (a[0], b[0]) or a == b else ("or", a, b)


def _xor(a, b):
    if "constant" in (a[0], b[0]):
        constant, other = (a, b) if a[0] == "constant" else (b, a)
        return _not(other) if constant[1] else other
    if a == b:
        return ("constant", False)
    return ("constant", True) if a == _not(b) else ("xor", a, b)


_BUILD = {"not": _not, "and": _and, "or": _or, "xor": _xor}


@cache
def _parse(text):
    """The tree: ("name", n), ("constant", bool), ("not", a), ("and" | "or" | "xor", a, b)."""
    tokens = []
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            sign = text[position:].strip()[0]
            raise UserError(f"Liberty expression {text!r}: {sign!r} is no operator; mend the file")
        position = match.end()
        name, constant, sign = match.groups()
        kind = "name" if name else "constant" if constant else sign
        tokens.append((kind, name or constant == "1"))
    tokens.append(("end", None))
    tree, rest = _sum(tokens, 0)
    if tree is None or tokens[rest][0] != "end":
        raise UserError(f"Liberty expression {text!r} is incomplete; mend the file")
    return tree


def _sum(tokens, at):
    return _chain(tokens, at, _product, ("|", "+"), _or)


def _product(tokens, at):
    return _chain(tokens, at, _exclusive, ("&", "*"), _and, juxtaposed=True)


def _exclusive(tokens, at):
    return _chain(tokens, at, _literal, ("^",), _xor)


def _chain(tokens, at, operand, signs, build, *, juxtaposed=False):
    """Operands of one precedence joined from the left; (tree or None, position behind it)."""
    tree, at = operand(tokens, at)
    while tree is not None:
        if tokens[at][0] in signs:
            other, at = operand(tokens, at + 1)
        elif juxtaposed and tokens[at][0] in _STARTS:
            other, at = operand(tokens, at)
        else:
            break
        tree = None if other is None else build(tree, other)
    return tree, at


def _literal(tokens, at):
    kind, value = tokens[at]
    if kind == "!":
        tree, at = _literal(tokens, at + 1)
        return tree and _not(tree), at
    if kind == "(":
        tree, at = _sum(tokens, at + 1)
        if tokens[at][0] != ")":
            return None, at
    elif kind in ("name", "constant"):
        tree = (kind, value)
    else:
        return None, at
    at += 1
    while tokens[at][0] == "'":
        tree, at = tree and _not(tree), at + 1
    return tree, at
