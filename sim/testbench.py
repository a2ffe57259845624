"""Writes the simulation-only Verilog around a core: bus signals, counters, memory images.

The wrapper ``<top>_tb`` declares the signals that Python drives and reads. Nothing inside the core
needs to be visible to Python, so that Verilator may optimize the core as a whole: an order of
magnitude in speed. What a testbench wants from inside is read by hierarchical reference:

- the *run* lasts from an accepted start to the interrupt: ``run_cycles`` counts its cycles and
  ``<memory>_reads`` and ``<memory>_writes`` the accesses of all banks in it, summed over all runs;
- ``load`` and ``store`` move memory images between files and the SRAM arrays (the back door), for
  the banks in ``selected``; a file is called after its bank's path;
- ``record`` arms a recording of the core's activity, which lasts exactly as long as a run;
- monitors (`generators.monitors`), where there are any, count in all runs, and derived nets
  (`generators.derived_nets`) are recorded with the core.
"""

from generators.derived_nets import derived_name
from generators.monitor_verilog import monitors_name

from .memories import simulated_memories
from .run_files import FST, SAIF

__all__ = ["CORE", "all_banks", "counted_memories", "counter_names", "testbench_name",
           "testbench_text"]

CORE = "core"  # instance name of the core in the wrapper

HEADER = """\
// Simulation only: what a testbench needs around {top}. Written by Ergon {version}.
`timescale 1ps / 1ps

module {module};
  /* verilator tracing_off */
"""

RUN = """
  // A run lasts from the cycle after an accepted start up to the interrupt.
  reg running = 0;
  wire started = {started} & ~running;
  wire in_run = running & ~{interrupt};
  reg [63:0] run_start_ps {readable} = 0;
  reg [63:0] run_cycles {readable} = 0;
  always @(posedge {clock}) begin
    running <= started | in_run;
    if (started) run_start_ps <= $time;
    if (in_run) run_cycles <= run_cycles + 1;
  end
"""

RECORDING = """
  // Activity of the core. Verilator writes one file per recorded run, and the last values that it
  // takes are those at the interrupt's edge; Icarus writes one file, from the first run on.
  reg record {writable} = 0;
  reg [31:0] run_index {writable} = 0;
  reg recording = 0;
`ifdef ERGON_ACTIVITY
`ifdef VERILATOR
  always @(posedge {clock})
    if (record & started) begin
      recording <= 1;
      $dumpfile($sformatf("{saif}", run_index));
      $dumpvars(0, {module}.{core});
`ifdef ERGON_DERIVED
      $dumpvars(0, {module}.derived);
`endif
    end else if (~in_run) recording <= 0;
  // ($dumpoff does nothing there.)
  always @(negedge {clock})
    if (recording & ~in_run) $c("vlSymsp->_traceDumpClose();");
`else
  always @(posedge {clock})
    if (record & started & ~recording) begin
      recording <= 1;
      $dumpfile("{fst}");
      $dumpvars(0, {module}.{core});
`ifdef ERGON_DERIVED
      $dumpvars(0, {module}.derived);
`endif
    end
`endif
`endif
`ifdef ERGON_WAVES
  initial begin
`ifdef VERILATOR
    $dumpfile("waves.vcd");
`else
    $dumpfile("waves.fst");
`endif
    $dumpvars(0, {module});
  end
`endif
"""

MONITORS = """
`ifdef ERGON_MONITORS
  // The values at an edge are those of the cycle before it, and the toggles of a run those at all
  // of its edges but the first: each is seen at the next edge.
  reg counted = 0;
  always @(posedge {clock}) counted <= in_run;
  {monitors} monitors (
    .{clock}({clock}), .counted(counted), .ending(~in_run), .run_index(run_index));
`endif
"""

WRITABLE = "/* verilator public_flat_rw */"
READABLE = "/* verilator public_flat_rd */"


def testbench_name(manifest):
    """Name of the wrapper's module."""
    return f"{manifest['top']}_tb"


def all_banks(memories):
    """The banks of all memories; the position of a bank is its bit in ``selected``."""
    return tuple(bank for memory in memories.values() for bank in memory.banks)


def counter_names(memory):
    """Names of the wrapper's counters of a memory's reads and writes."""
    return f"{memory}_reads", f"{memory}_writes"


def testbench_text(manifest):
    """The wrapper's Verilog; equal manifests give equal texts."""
    memories = simulated_memories(manifest)
    names = {"top": manifest["top"], "version": manifest["ergon_version"], "core": CORE,
             "module": testbench_name(manifest), "clock": manifest["clock"]["port"],
             "interrupt": manifest["interrupt"], "started": _started(manifest),
             "saif": SAIF.format(run="%0d"), "fst": FST,
             "monitors": monitors_name(manifest),
             "writable": WRITABLE, "readable": READABLE}
    return "".join([
        HEADER.format(**names), *_ports(manifest), RUN.format(**names), *_counters(manifest, names),
        *_back_door(memories), RECORDING.format(**names), MONITORS.format(**names),
        *_core(manifest), "endmodule\n"])


def _started(manifest):
    """The handshake of a write that starts the core; it takes address and data together."""
    control = next(entry for entry in manifest["registers"] if entry["name"] == "CONTROL")
    start = next(field for field in control["fields"] if field["name"] == "start")
    return (f"control__awvalid & control__awready & (control__awaddr == {control['offset']})\n"
            f"    & (&control__wstrb) & control__wdata[{start['offset']}]")


def _ports(manifest):
    """The core's ports as signals; the reset is active until Python says otherwise."""
    for port in manifest["ports"]:
        bits = f"[{port['width'] - 1}:0] " if port["width"] > 1 else ""
        if port["direction"] == "input":
            initial = int(port["name"] == manifest["reset"]["port"])
            yield f"  reg {bits}{port['name']} {WRITABLE} = {initial};\n"
        else:
            yield f"  wire {bits}{port['name']} {READABLE};\n"


def _core(manifest):
    """What is traced: the core, by its own ports, and nets that are derived from its own."""
    ports = ",\n".join(f"    .{port['name']}({port['name']})" for port in manifest["ports"])
    yield f"\n  /* verilator tracing_on */\n  {manifest['top']} {CORE} (\n{ports}\n  );\n"
    yield f"`ifdef ERGON_DERIVED\n  {derived_name(manifest)} derived ();\n`endif\n"


def counted_memories(manifest):
    """Names of all memories, those without a window included."""
    return tuple(dict.fromkeys(entry["name"] for entry in manifest["memories"]))


def _counters(manifest, names):
    """Accesses in runs: the enable nets of all banks, summed."""
    for memory in counted_memories(manifest):
        banks = [entry for entry in manifest["memories"] if entry["name"] == memory]
        enables = ([bank["read_enable"] for bank in banks],
                   [bank["write_enable"] for bank in banks])
        counters = counter_names(memory)
        yield f"\n  // Accesses to the banks of {memory} in runs.\n"
        for counter in counters:
            yield f"  reg [63:0] {counter} {READABLE} = 0;\n"
        yield f"  always @(posedge {names['clock']})\n    if (in_run) begin\n"
        for counter, nets in zip(counters, enables, strict=True):
            total = "\n          + ".join([counter] + [f"{CORE}.{net}" for net in nets])
            yield f"      {counter} <= {total};\n"
        yield "    end\n"


def _back_door(memories):
    """Memory images, moved at the rising edges of ``load`` and ``store`` while the core idles."""
    banks = all_banks(memories)
    yield (f"\n  // The back door to the memory arrays.\n"
           f"  reg [{len(banks) - 1}:0] selected {WRITABLE} = 0;\n"
           f"  reg [31:0] first_row {WRITABLE} = 0;\n"
           f"  reg [31:0] last_row {WRITABLE} = 0;\n"
           f"  reg load {WRITABLE} = 0;\n  reg store {WRITABLE} = 0;\n")
    yield "  always @(posedge load) begin\n"
    for bit, bank in enumerate(banks):
        yield (f"    if (selected[{bit}])\n"
               f"      $readmemh(\"load/{bank.path}.hex\", {CORE}.{bank.array}, 0, "
               f"{bank.depth - 1});\n")
    yield "  end\n  always @(posedge store) begin\n"
    for bit, bank in enumerate(banks):
        yield (f"    if (selected[{bit}])\n      $writememh(\"store/{bank.path}.hex\", "
               f"{CORE}.{bank.array}, first_row, last_row);\n")
    yield "  end\n"
