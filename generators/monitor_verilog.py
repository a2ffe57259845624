"""The Verilog of monitors: one module beside an instance called ``core``, for simulation only.

A weighted sum over up to eight bits is one look-up in a table, so that monitoring every element of
an array costs about as much time as simulating the core does.
"""

from .derived_nets import partial_products
from .monitors import check_monitors
from .version import VERSION

__all__ = ["monitor_text", "monitors_name"]

_INDEX_BITS = 8  # of a table


def monitors_name(manifest):
    """Name of the monitors' module."""
    return f"{manifest['top']}_monitors"


def monitor_text(manifest, verilog, monitors, *, file):
    """The Verilog of a core's monitors; equal arguments give equal texts.

    The module's ports are the clock; ``counted``, high at the edges that end the cycles of a run;
    ``ending``, high at the last of them; and ``run_index``. The file has one line of numbers for
    each window, under a line of their names: index of the run, cycles, and the sums of all groups.

    Parameters
    ----------
    manifest: dict
        The core's.
    verilog: str
        The core's, which tells the widths of nets.
    monitors: Monitors
    file: str
        What the simulator shall write.

    Raises
    ------
    UserError
        Where the groups and the core do not belong together.
    """
    check_monitors(manifest, verilog, monitors)
    groups = list(enumerate(monitors.groups))
    sums = "".join(f", sum_{number}" for number, _ in groups)
    names = {
        "module": monitors_name(manifest), "version": VERSION, "clock": manifest["clock"]["port"],
        "top": manifest["top"], "file": file, "sums": sums,
        "heads": "".join(f" {group.name}" for _, group in groups), "formats": " %0d" * len(groups),
        "full": "" if monitors.window_cycles is None
                else f" | (cycles == {monitors.window_cycles})",
        "cleared": "".join(f"        sum_{number} = 0;\n" for number, _ in groups),
    }
    return "".join([
        _HEADER.format(**names), *(_group(number, group) for number, group in groups),
        f"  always @(posedge {names['clock']}) begin\n",
        *(line for number, group in groups for line in _samples(number, group, "now", "core")),
        "    if (counted) begin\n", *(line for group in groups for line in _counts(*group)),
        _WINDOW.format(**names),
        *(line for number, group in groups for line in _samples(number, group, "before", "now")),
        "  end\nendmodule\n"])


_HEADER = """\
// Simulation only: what instances of {top} count in a run. Written by Ergon {version}.
`timescale 1ps / 1ps

module {module} (
  input {clock},
  input counted,
  input ending,
  input [31:0] run_index
);
  integer file, i;
  initial begin
    file = $fopen("{file}", "w");
    $fdisplay(file, "run cycles{heads}");
  end
  reg [63:0] cycles = 0;
"""

_WINDOW = """\
      cycles = cycles + 1;
      if (ending{full}) begin
        $fdisplay(file, "%0d %0d{formats}", run_index, cycles{sums});
        cycles = 0;
{cleared}      end
      if (ending) $fflush(file);
    end
"""


def _group(number, group):
    """The sum of a group, the tables and the function of its weights, and nets one cycle ago."""
    widths = list(group.features.widths.values())
    looked_up, lines = [], []
    for table, (index, weights) in enumerate(_tables(group.features)):
        name = f"table_{number}_{table}"
        total = " + ".join(f"(i[{bit}] ? {weight} : 0)"
                           for bit, weight in enumerate(weights) if weight) or "0"
        lines.append(f"  reg signed [31:0] {name} [0:{2 ** len(weights) - 1}];\n"
                     f"  initial for (i = 0; i < {2 ** len(weights)}; i = i + 1)\n"
                     f"    {name}[i] = {total};\n")
        looked_up.append(f"{name}[{index}]")
    arguments = ", ".join(f"input bit [{bits - 1}:0] t{net}" for net, bits in enumerate(widths))
    return "".join([
        f"\n  // {group.name}\n  reg signed [63:0] sum_{number} = 0;\n", *lines,
        *(partial_products(f"booth_{number}_{place}", operands)
          for place, operands in enumerate(group.features.multipliers)),
        f"  function automatic signed [31:0] count_{number}({arguments});\n"
        f"    count_{number} = {' + '.join(looked_up)};\n  endfunction\n",
        *(f"  bit [{bits - 1}:0] {when}_{number}_{instance}_{net};\n"
          for instance in range(len(group.instances)) for net, bits in enumerate(widths)
          for when in ("now", "before"))])


def _tables(features):
    """Tables: the bits of an argument that are the index, and the weights of those bits."""
    for net, weights in enumerate(features.toggles.values()):
        for low in range(0, len(weights), _INDEX_BITS):
            part = weights[low:low + _INDEX_BITS]
            yield f"t{net}[{low + len(part) - 1}:{low}]", part


def _samples(number, group, to, source):
    """Assignments of nets one cycle ago, or of those of now: as 0 where they are x."""
    for instance, path in enumerate(group.instances):
        for net, name in enumerate(group.features.toggles):
            variable = f"{number}_{instance}_{net}"
            value = _value(number, group, path, name) if source == "core" else f"now_{variable}"
            yield f"    {to}_{variable} = {value};\n"


def _counts(number, group):
    for instance in range(len(group.instances)):
        toggles = ", ".join(f"now_{number}_{instance}_{net} ^ before_{number}_{instance}_{net}"
                            for net in range(len(group.features.toggles)))
        yield f"      sum_{number} = sum_{number} + count_{number}({toggles});\n"


def _value(number, group, path, net):
    """A net of the core, or the partial products of two."""
    multipliers = [one.name for one in group.features.multipliers]
    if net not in multipliers:
        return f"core.{path}.{net}"
    place = multipliers.index(net)
    operands = group.features.multipliers[place]
    return f"booth_{number}_{place}(core.{path}.{operands.plain}, core.{path}.{operands.recoded})"
