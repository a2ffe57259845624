"""Boolean expressions of Liberty: operators, precedence, probability, Verilog."""

import itertools

import numpy as np
import pytest

from energy.gate_level.expressions import (
    depends,
    evaluate,
    probabilities,
    probability,
    substitute,
    variables,
    verilog,
)
from generators.errors import UserError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A", "A"),
        ("(!((A B)+(C D)))", "!((A & B) | (C & D))"),
        ("A*B&C D", "(((A & B) & C) & D)"),
        ("A | B & C ^ D", "(A | (B & (C ^ D)))"),
        ("A' B + !C'", "((!A & B) | C)"),
        ("(A B)'", "!(A & B)"),
        ("((A_WEN | A_REN)& A_MEN)", "((A_WEN | A_REN) & A_MEN)"),
        ("A[3] + 0", "A[3]"),
        ("1 A", "A"),
        ("A + 1", "1'b1"),
        ("A ^ A", "1'b0"),
        ("!1", "1'b0"),
    ],
)
def test_verilog(text, expected):
    assert verilog(text) == expected


@pytest.mark.parametrize("text", ["", "A &", "(A", "A)", "& A", "!", "A (B + )", "'"])
def test_incomplete(text):
    with pytest.raises(UserError, match="is incomplete; mend the file"):
        verilog(text)


def test_unknown_operator():
    with pytest.raises(UserError, match=r"^Liberty expression 'A # B': '#' is no operator;"):
        verilog("A # B")


def test_variables_in_order():
    assert variables("(SCE*SCD)+(SCE'*D)") == ("SCE", "SCD", "D")
    assert variables("0") == ()


FUNCTION = "(A&!B) | (B^C) D'"


def reference(a, b, c, d):
    return (a and not b) or ((b != c) and not d)


def test_evaluate_all_inputs():
    states = np.array(list(itertools.product([False, True], repeat=4)))
    expected = [reference(*state) for state in states]
    values = dict(zip("ABCD", states.T, strict=True))
    np.testing.assert_array_equal(evaluate(FUNCTION, values), expected)


def test_probability_is_exact():
    chances = {"A": 0.1, "B": 0.25, "C": 0.5, "D": 0.9}
    expected = sum(
        np.prod([p if bit else 1 - p for p, bit in zip(chances.values(), state, strict=True)])
        for state in itertools.product([False, True], repeat=4)
        if reference(*state)
    )
    assert probability(FUNCTION, chances) == pytest.approx(expected, rel=1e-12)
    assert probability("A & !A", {"A": 0.3}) == 0.0


def test_probabilities_of_many_instances():
    columns = {"A": np.array([0.0, 0.5, 1.0]), "B": 0.5, "unused": np.zeros(7)}
    np.testing.assert_allclose(probabilities("A ^ B", columns), [0.5, 0.5, 0.5])
    np.testing.assert_allclose(probabilities("A B", columns), [0.0, 0.25, 0.5])
    assert probabilities("1", columns) == 1.0


def test_depends():
    # A full adder's carry changes with one input where the two others differ, its sum always.
    carry = depends("((A B)+(B C))+(C A)", "A")
    assert probability(carry, {"B": 0.3, "C": 0.6}) == pytest.approx(0.3 * 0.4 + 0.7 * 0.6)
    assert depends("A^B", "A") == "1"
    assert depends("A B", "A") == "B"
    assert depends("B", "A") == "0"


def test_substitute():
    assert substitute("(D&E) | (IQ&!E)", {"IQ": "state", "E": "!N"}) == "((D & !N) | (state & N))"
