"""Records the ports of a component in Amaranth's simulator and replays them on its Verilog."""

import subprocess

from generators.keywords import verilog_name
from generators.verilog import convert
from hw.stamp import flat_ports

__all__ = ["Trace", "replay"]

BENCH = """\
module bench;
  reg clk = 0;
  reg [{input_bits}-1:0] inputs [0:{cycles}-1];
  reg [{input_bits}-1:0] now;
  wire [{output_bits}-1:0] outputs;
  integer cycle;
  dut dut (.clk(clk), .rst(now[0]), {connections});
  initial begin
    $readmemh("inputs.hex", inputs);
    for (cycle = 0; cycle < {cycles}; cycle = cycle + 1) begin
      now = inputs[cycle];
      #1 $display("%b", outputs);
      #1 clk = 1;
      #1 clk = 0;
    end
  end
endmodule
"""


class Trace:
    """All ports of a component before every clock edge.

    Attributes
    ----------
    stimuli: list of int
        Inputs, packed in their order after the reset.
    expected: list of dict
        Outputs by name; the payload of a stream only where it is valid.
    """

    def __init__(self, component):
        ports = list(flat_ports(component))
        self.inputs, self.outputs = (
            [(verilog_name(name), value) for name, direction, value in ports if direction == side]
            for side in "io")
        self.stimuli, self.expected = [], []

    def recorder(self, reset):
        """A background bench that records until the simulation ends."""
        inputs = [reset, *(value for _, value in self.inputs)]
        outputs = [value for _, value in self.outputs]

        async def record(ctx):
            while True:
                _, _, *values = await ctx.tick().sample(*inputs, *outputs)
                bits = [format(value & (1 << len(signal)) - 1, f"0{len(signal)}b")
                        for signal, value in zip([*inputs, *outputs], values, strict=True)]
                self.stimuli.append(int("".join(reversed(bits[:len(inputs)])), 2))
                self.expected.append(self.outputs_of("".join(reversed(bits[len(inputs):]))))
        return record

    def outputs_of(self, bits):
        """Outputs by name from a word in binary, the first one in its low bits."""
        values, end = {}, len(bits)
        for name, value in self.outputs:
            values[name], end = bits[end - len(value):end], end - len(value)
        if values.get("outputs__valid") == "0":
            del values["outputs__payload"]
        return values


def replay(component, trace, folder):
    """Outputs of the component's stamped Verilog under Icarus, for the inputs of a `Trace`."""
    connections, offsets = [], {"now": 1, "outputs": 0}
    for net, ports in (("now", trace.inputs), ("outputs", trace.outputs)):
        for name, value in ports:
            connections.append(f".{name}({net}[{offsets[net]} +: {len(value)}])")
            offsets[net] += len(value)
    (folder / "inputs.hex").write_text("".join(f"{word:x}\n" for word in trace.stimuli))
    (folder / "dut.v").write_text(convert(component, name="dut", header="")[0])
    (folder / "bench.v").write_text(BENCH.format(
        input_bits=offsets["now"], output_bits=offsets["outputs"], cycles=len(trace.stimuli),
        connections=", ".join(connections)))
    subprocess.run(["iverilog", "-g2012", "-o", "bench.vvp", "bench.v", "dut.v"], cwd=folder,
                   check=True)
    done = subprocess.run(["vvp", "-n", "bench.vvp"], cwd=folder, capture_output=True, text=True,
                          check=True)
    return [trace.outputs_of(bits) for bits in done.stdout.split()]
