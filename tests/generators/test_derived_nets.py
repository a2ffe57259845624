"""The Verilog of nets beside a core. tests/sim runs it."""

from energy.partial_products import PartialProducts
from generators.derived_nets import derived_text


def test_scopes_are_those_of_the_core():
    signed = PartialProducts("a", "b", 4, 4, plain_signed=True, recoded_signed=True)
    other = PartialProducts("b", "a", 4, 4, plain_signed=False, recoded_signed=True)
    nets = {"mesh.pe_0": (signed,), "mesh.pe_1": (signed, other), "lane": (other,)}
    text = derived_text({"top": "tiny"}, nets)
    assert text == derived_text({"top": "tiny"}, nets)
    assert text[text.index("  if (1)"):] == """\
  if (1) begin : mesh
    if (1) begin : pe_0
      wire [9:0] booth_b_x_a = booth_0(core.mesh.pe_0.a, core.mesh.pe_0.b);
    end
    if (1) begin : pe_1
      wire [9:0] booth_b_x_a = booth_0(core.mesh.pe_1.a, core.mesh.pe_1.b);
      wire [11:0] booth_a_x_b = booth_1(core.mesh.pe_1.b, core.mesh.pe_1.a);
    end
  end
  if (1) begin : lane
    wire [11:0] booth_a_x_b = booth_1(core.lane.b, core.lane.a);
  end
endmodule
"""
    assert text.count("single = $signed(plain);") == text.count("single = plain;") == 1
