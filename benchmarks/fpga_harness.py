"""A component between shift registers: its cells alone, and its speed from register to register."""

from dataclasses import dataclass
from pathlib import Path

from generators.files import write_files
from generators.fpga.devices import DEVICES
from generators.fpga.route import route
from generators.fpga.synthesis import synthesize
from generators.keywords import verilog_name
from generators.verilog import convert
from hw.fpga import family_cells
from hw.stamp import flat_ports

__all__ = ["Measured", "measure"]

# As fast as nextpnr can be asked for without giving up on the rest of the design.
TARGET_MHZ = 150.0
SEED = 1
HARNESS = """
// All inputs come out of one shift register, all outputs go into another.
module harness (input clk, input rst, input serial_i, input capture, output reg serial_o);
  reg [{last_i}:0] inputs;
  reg [{last_o}:0] outputs;
  wire [{last_o}:0] results;
  reg reset;
  always @(posedge clk) begin
    reset <= rst;
    inputs <= {{inputs, serial_i}};
    outputs <= capture ? results : {{outputs, 1'b0}};
    serial_o <= outputs[{last_o}];
  end
  {module} {module} (
    .clk(clk), .rst(reset),
    {ports});
endmodule
"""


@dataclass(frozen=True)
class Measured:
    """What an FPGA makes of a component.

    Parameters
    ----------
    resources: dict of str to int
        Of the component alone, without the harness; see `generators.fpga.devices`.
    fmax_mhz: float or None
        None if it was not routed.
    path: list of str
        Instances that the slowest path passes.
    """

    resources: dict
    fmax_mhz: float | None
    path: list


def measure(component, folder, *, device="LFE5U-85F", routed=True, view=None):
    """Synthesize a component alone, and place and route it between shift registers.

    Parameters
    ----------
    component: StampedComponent
    folder: Path
        Made if missing.
    device: str
    routed: bool
    view: ergon.console.View, optional

    Returns
    -------
    Measured
    """
    device, name = DEVICES[device], component.module_name
    text, tree = convert(component, name=name, header=f"{name}, to be measured",
                         cells=family_cells(device.family))
    write_files(folder, {f"{name}.v": text, "harness.v": _harness(component)})
    instances = [instance["path"] for instance in tree]
    alone = synthesize(folder, [f"{name}.v"], name, device, instances=instances)
    if not routed:
        return Measured(alone.resources, None, [])
    instances = [name, *(f"{name}.{path}" for path in instances)]
    synthesize(folder, [f"{name}.v", "harness.v"], "harness", device, instances=instances)
    constraints = "lpf" if device.family == "ecp5" else "pcf"
    result = route(Path(folder), device, target_mhz=TARGET_MHZ, seed=SEED,
                   options=[f"--{constraints}-allow-unconstrained"], on_phase=view)
    return Measured(alone.resources, result.fmax_mhz,
                    list(dict.fromkeys(hop.cell for hop in result.critical_path)))


def _harness(component):
    """The harness's Verilog; the first port takes the lowest bits."""
    widths, ports = {"i": 0, "o": 0}, []
    for port, direction, value in flat_ports(component):
        low = widths[direction]
        widths[direction] += len(value)
        net = "inputs" if direction == "i" else "results"
        ports.append(f".{verilog_name(port)}({net}[{low + len(value) - 1}:{low}])")
    return HARNESS.format(module=component.module_name, last_i=widths["i"] - 1,
                          last_o=widths["o"] - 1, ports=",\n    ".join(ports))
