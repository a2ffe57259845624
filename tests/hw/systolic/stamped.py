"""Records the ports of a component in Amaranth's simulator and replays them on its Verilog."""

import subprocess

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
      #1 $display("%h", outputs);
      #1 clk = 1;
      #1 clk = 0;
    end
  end
endmodule
"""


class Trace:
    """All ports of a component before every clock edge, packed into two numbers: inputs (the reset
    in bit 0) and outputs."""

    def __init__(self, component):
        ports = list(flat_ports(component))
        self.inputs = [(name, value) for name, direction, value in ports if direction == "i"]
        self.outputs = [(name, value) for name, direction, value in ports if direction == "o"]
        self.rows = []

    def recorder(self, reset):
        """A background bench that records until the simulation ends."""
        inputs = [reset, *(value for _, value in self.inputs)]
        outputs = [value for _, value in self.outputs]

        async def record(ctx):
            while True:
                _, _, *values = await ctx.tick().sample(*inputs, *outputs)
                self.rows.append((_pack(inputs, values[:len(inputs)]),
                                  _pack(outputs, values[len(inputs):])))
        return record

    @property
    def expected(self):
        return [outputs for _, outputs in self.rows]


def _pack(signals, values):
    packed, offset = 0, 0
    for signal, value in zip(signals, values, strict=True):
        packed |= (value & ((1 << len(signal)) - 1)) << offset
        offset += len(signal)
    return packed


def replay(component, trace, folder):
    """Outputs of the component's stamped Verilog under Icarus, for the inputs of a `Trace`."""
    connections, offsets = [], {"now": 1, "outputs": 0}
    for net, ports in (("now", trace.inputs), ("outputs", trace.outputs)):
        for name, value in ports:
            connections.append(f".{name}({net}[{offsets[net]} +: {len(value)}])")
            offsets[net] += len(value)
    (folder / "inputs.hex").write_text("".join(f"{inputs:x}\n" for inputs, _ in trace.rows))
    (folder / "dut.v").write_text(convert(component, name="dut", header="")[0])
    (folder / "bench.v").write_text(BENCH.format(
        input_bits=offsets["now"], output_bits=offsets["outputs"], cycles=len(trace.rows),
        connections=", ".join(connections)))
    subprocess.run(["iverilog", "-g2012", "-o", "bench.vvp", "bench.v", "dut.v"], cwd=folder,
                   check=True)
    done = subprocess.run(["vvp", "-n", "bench.vvp"], cwd=folder, capture_output=True, text=True,
                          check=True)
    return [int(line, 16) for line in done.stdout.split()]
