"""Timing constraints (SDC) of generated Verilog, for synthesis and place and route."""

import textwrap

__all__ = ["timing_constraints"]

OUTSIDE = 0.3  # of the clock period, before an input arrives and after an output leaves
WIDTH = 96


def timing_constraints(manifest):
    """SDC text of a core or an engine.

    Parameters
    ----------
    manifest: dict
        See `generators.manifest`; its clock and ports.
    """
    clock, reset = manifest["clock"], manifest["reset"]
    delay = f"{OUTSIDE * clock['period_ns']:g}"
    names = {way: [port["name"] for port in manifest["ports"] if port["direction"] == way
                   and port["name"] != clock["port"]] for way in ("input", "output")}
    lines = [
        f"# {manifest['name']}: timing constraints, in ns.",
        f"create_clock -name {clock['port']} -period {clock['period_ns']:g} "
        f"[get_ports {clock['port']}]",
        "",
        f"# {OUTSIDE:.0%} of the period belongs to the host, before inputs and after outputs.",
        f"# {reset['port']} is synchronous: registers take it like data, so it is timed like data.",
    ]
    for way, ports in names.items():
        lines += [f"set_{way}_delay {delay} -clock {clock['port']} [get_ports {{",
                  textwrap.indent(textwrap.fill(" ".join(ports), WIDTH), "  "), "}]"]
    return "\n".join(lines) + "\n"
