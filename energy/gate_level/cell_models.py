"""Verilog models of a library's cells, made from their Liberty functions.

Combinational cells are one assignment per output. The state of a flip-flop or latch is the variable
`state` of its module, 0 before the simulation starts unless a testbench sets it: registers without
a reset would otherwise stay unknown forever. A flip-flop takes its data in a nonblocking
assignment, so that a zero-delay netlist has no races. There are no timing checks.
"""

from energy.gate_level.expressions import substitute, verilog
from generators.errors import UserError

__all__ = ["cell_models"]

_EDGES = {"rising_edge": "posedge ", "falling_edge": "negedge "}


def cell_models(library, kinds, *, delays):
    """Verilog modules of cells.

    Parameters
    ----------
    library: Library
    kinds: iterable of str
        Names of cells.
    delays: bool
        Whether to declare a path of zero delay for each delay arc, which sdf.py's file fills in.
        Icarus then needs `-gspecify`; without paths it is faster.

    Returns
    -------
    str
        Deterministic text; the modules are in alphabetical order and all times are in ps.

    Raises
    ------
    UserError
        A cell that is not in the library, or has an output without a function.
    """
    texts = ["// Simulation only: cells by their Liberty functions.\n`timescale 1ps / 1ps\n"]
    for kind in sorted(set(kinds)):
        if kind not in library.cells:
            raise UserError(
                f"netlist: cell {kind} is not in {library.name}; map the netlist to that library"
            )
        texts.append(_module(library, library.cells[kind], delays))
    return "\n".join(texts)


def _module(library, cell, delays):
    inputs = [pin for pin in cell.pins.values() if pin.direction == "input"]
    outputs = [pin for pin in cell.pins.values() if pin.direction in ("output", "inout")]
    lines = [f"module {cell.name} ({', '.join(pin.name for pin in (*inputs, *outputs))});"]
    lines += [f"  input {pin.name};" for pin in inputs]
    lines += [f"  output {pin.name};" for pin in outputs]
    names = {}
    if cell.sequential:
        names = {cell.sequential.state: "state", cell.sequential.inverse: "inverse"}
        lines += _state(cell.sequential, names)
    for pin in outputs:
        if pin.function is None:
            raise UserError(
                f"{library.path}: cell {cell.name} has no function for {pin.name}; "
                "map the netlist without it (dont_use)"
            )
        value = verilog(substitute(pin.function, names))
        if pin.three_state:
            value = f"{verilog(substitute(pin.three_state, names))} ? 1'bz : {value}"
        lines.append(f"  assign {pin.name} = {value};")
    if delays:
        lines += _paths(outputs)
    return "\n".join([*lines, "endmodule\n"])


def _state(sequential, names):
    """The register of a flip-flop or latch; clear and preset win over clock and enable."""

    def value(text):
        return verilog(substitute(text, names))

    clocked = value(sequential.clocked_on)
    data = value(sequential.next_state)
    clear = value(sequential.clear or "0")
    preset = value(sequential.preset or "0")
    # With clear and preset both active; X and "no change" are not modelled and read as 0.
    state, inverse = (
        int(both == "H") for both in (sequential.clear_preset_var1, sequential.clear_preset_var2)
    )
    lines = ["  reg state = 1'b0;"]
    forced = bool(sequential.clear or sequential.preset)
    if forced:
        lines += [f"  wire clear = {clear};", f"  wire preset = {preset};"]
    if sequential.clear and sequential.preset:
        lines.append(f"  wire inverse = clear & preset ? 1'b{inverse} : !state;")
        force = f"clear ? preset & 1'b{state} : 1'b1"
    else:
        lines.append("  wire inverse = !state;")
        force = "preset"
    if sequential.kind == "latch":
        first = f"if (clear | preset) state = {force}; else " if forced else ""
        return [*lines, f"  always @* {first}if ({clocked}) state = {data};"]
    edge = f"negedge {clocked[1:]}" if clocked[0] == "!" else f"posedge {clocked}"
    guard = "if (!(clear | preset)) " if forced else ""
    lines.append(f"  always @({edge}) {guard}state <= {data};")
    if forced:
        lines.append(f"  always @(clear, preset) if (clear | preset) state <= {force};")
    return lines


def _paths(outputs):
    paths = {
        f"    ({_EDGES[arc.timing_type]}{arc.related} => ({pin.name} : {arc.related})) = (0, 0);"
        if arc.timing_type in _EDGES
        else f"    ({arc.related} => {pin.name}) = (0, 0);": None
        for pin in outputs
        for arc in pin.arcs
    }
    return ["  specify", *paths, "  endspecify"] if paths else []
