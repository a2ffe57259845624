"""Monitors: their Verilog's text, and what does not fit a core. tests/sim runs them."""

import pytest

from generators.errors import UserError
from generators.monitor_verilog import monitor_text
from generators.monitors import Features, MonitorGroup, Monitors

MANIFEST = {"top": "tiny", "clock": {"port": "clk"}, "components": [
    {"path": "mesh.pe_0", "module": "pe"}, {"path": "mesh.pe_1", "module": "pe"}]}
VERILOG = """\
module pe (
  input wire clk,
  input wire [8:0] a_i,
  output reg [8:0] a_o = 9'h0
);
  reg [4:0] sum = 5'h0;
  adder adder (
    .clk(clk)
  );
endmodule

module adder (
  input wire clk
);
  reg [1:0] carry = 2'h0;
endmodule
"""
FEATURES = Features({"a_o": tuple(range(9)), "sum": (0, -7, 0, 0, 0)})


def _text(features=FEATURES, name="pes", instances=("mesh.pe_0", "mesh.pe_1"), window=10, times=1):
    groups = (MonitorGroup(name, features, instances),) * times
    return monitor_text(MANIFEST, VERILOG, Monitors(groups, window), file="counts.txt")


def test_text_is_deterministic_and_has_tables_of_at_most_eight_bits():
    text = _text()
    assert text == _text()
    # Nine bits are two tables, five bits one.
    assert text.count("  reg signed [31:0] table_0_") == 2 + 1
    assert "[0:511]" not in text
    assert text.count("sum_0 = sum_0 + count_0(") == 2
    assert "now_0_1_1 = core.mesh.pe_1.sum;" in text
    assert "(cycles == 10)" in text
    assert "cycles ==" not in _text(window=None)


def test_nets_of_instances_inside():
    text = _text(Features({"adder.carry": (1, 2), "sum": (1,) * 5}))
    assert "now_0_1_0 = core.mesh.pe_1.adder.carry;" in text


def test_weights_are_in_the_tables():
    text = _text(Features({"sum": (0, -7, 0, 3, 0)}))
    assert "table_0_0[i] = (i[1] ? -7 : 0) + (i[3] ? 3 : 0);" in text
    assert "table_0_0[i] = 0;" in _text(Features({"sum": (0,) * 5}))


@pytest.mark.parametrize(("options", "message"), [
    ({"window": 0}, "window_cycles: 0 is not positive; use 1 or more"),
    ({"name": "two pes"}, "monitors: 'two pes' is used twice or is no name; use letters, digits "
                          "and _ . : - and each name once"),
    ({"times": 2}, "monitors: 'pes' is used twice or is no name; use letters, digits and _ . : - "
                   "and each name once"),
    ({"features": Features({})}, "pes: has no weights; leave the group out"),
    ({"features": Features({"a_o": (2 ** 31,)})},
     "pes: weights add up to 2147483648, above 2147483647; use smaller ones"),
    ({"instances": ("pe_7",)}, "pe_7: is no component of tiny; use paths of its manifest"),
    ({"features": Features({"a_o": (1, 2)})},
     "mesh.pe_0.a_o: has 9 bits, and the weights of pes are for 2; use those of this component"),
    ({"features": Features({"b_o": (1, 2)})},
     "mesh.pe_0.b_o: is not there, and the weights of pes are for 2; use those of this component"),
    ({"features": Features({"inner.sum": (1, 2)})},
     "mesh.pe_0.inner.sum: is not there, and the weights of pes are for 2; use those of this "
     "component"),
    ({"features": Features({"adder.carry": (1,)})},
     "mesh.pe_0.adder.carry: has 2 bits, and the weights of pes are for 1; use those of this "
     "component"),
])
def test_what_does_not_fit_is_refused(options, message):
    with pytest.raises(UserError) as error:
        _text(**options)
    assert str(error.value) == message
