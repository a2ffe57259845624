"""The manifest: what every later tool needs to know of generated Verilog."""

from dataclasses import asdict

from hw.descriptor import PROGRAM_WORD_BITS, descriptor_fields, descriptor_words, nest_dims
from hw.families import family_of
from hw.registers import REGISTERS
from hw.stamp import flat_ports

from .keywords import verilog_name
from .verilog import tool_versions
from .version import VERSION

__all__ = ["FORMAT", "core_manifest", "engine_manifest", "models_file"]

FORMAT = 1
CLOCK_PERIOD_NS = 10.0
DIRECTIONS = {"i": "input", "o": "output"}


def core_manifest(config, parameters, core, tree):
    """The manifest of a core: an engine's, and what the host and the memories need.

    Parameters
    ----------
    config: AcceleratorConfig
    parameters: CoreParameters
    core: hw.core.Core
    tree: list of dict
        The instances, from `generators.verilog.convert`.
    """
    return {
        **engine_manifest(config, parameters, core, tree, name=config.name),
        "interrupt": "irq",
        "registers": [register.as_manifest() for register in REGISTERS],
        "windows": [window.as_manifest() for window in core.windows],
        "program": {
            "word_bits": PROGRAM_WORD_BITS,
            "descriptor_words": descriptor_words(parameters),
            "prefetch": parameters.prefetch,
            "nests": asdict(nest_dims(parameters)),
            "latency": core.latency,
            "fields": [{"name": name, "offset": offset, "width": width, "signed": signed}
                       for name, offset, width, signed in descriptor_fields(parameters)],
        },
    }


def engine_manifest(config, parameters, component, tree, *, name):
    """What the manifests of a core and of an engine alone have in common."""
    geometries = {flow.value: parameters.engine.geometry(flow) for flow in parameters.dataflows}
    return {
        "format": FORMAT,
        "name": name,
        "ergon_version": VERSION,
        "config": config.model_dump(mode="json"),
        "tools": tool_versions(),
        "top": name,
        "models": models_file(name) if family_of(parameters.engine).models(parameters.engine)
                  else None,
        "clock": {"port": "clk", "period_ns": CLOCK_PERIOD_NS},
        "reset": {"port": "rst", "active": "high", "synchronous": True},
        "ports": _ports(component),
        "geometry": {flow: asdict(geometry) for flow, geometry in geometries.items()},
        "latency": {flow: geometry.latency for flow, geometry in geometries.items()},
        "peak_macs_per_cycle": max(geometry.macs_per_cycle for geometry in geometries.values()),
        "memories": [_memory(instance) for instance in tree if instance["kind"] == "sram"],
        "components": tree,
    }


def models_file(name):
    """The file beside the Verilog that models the modules which it leaves out."""
    return f"{name}_models.v"


def _ports(component):
    ports = [{"name": name, "direction": "input", "width": 1} for name in ("clk", "rst")]
    for name, direction, value in flat_ports(component):
        ports.append({"name": verilog_name(name), "direction": DIRECTIONS[direction],
                      "width": len(value)})
    return ports


def _memory(instance):
    """An SRAM and the nets whose high time counts its accesses.

    A memory of the core is a part of the top or lies in one: that part's name is the memory's
    (`program` being a word of SystemVerilog, it is ``program_memory``).
    """
    path, parameters = instance["path"], instance["parameters"]
    return {
        "name": path.split(".")[0].removesuffix("_memory"),
        "path": path,
        "kind": f"sram_{parameters['ports']}",
        "depth": parameters["depth"],
        "width": parameters["width"],
        "read_enable": f"{path}.read_en",
        "write_enable": f"{path}.write_any",
    }
