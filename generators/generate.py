"""Everything that is generated from one configuration, written as files."""

import json
import re
from pathlib import Path

import yaml

from hw.core import Core
from hw.families import family_of
from hw.registers import REGISTERS

from .derive import derive
from .errors import UserError
from .files import write_files
from .headers import c_header
from .manifest import core_manifest, engine_manifest, models_file
from .sdc import timing_constraints
from .verilog import convert, tool_versions
from .version import VERSION

__all__ = ["generate", "generate_engine"]

LINT_WAIVERS = Path(__file__).with_name("lint.vlt")


def generate(config, out_dir):
    """Write a core's Verilog, constraints, C header, FuseSoC description and manifest.

    Parameters
    ----------
    config: AcceleratorConfig
    out_dir: str or Path
        Folder for ``<name>.v``, ``.vlt`` (lint waivers), ``.sdc``, ``.h``, ``.core`` and ``.json``;
        made if missing.

    Returns
    -------
    Path
        The manifest. It is written last.

    Raises
    ------
    UserError
        If the configuration contradicts itself or the folder cannot be written to.
    """
    parameters = derive(config)
    core = Core(parameters)
    text, tree = convert(core, name=config.name, header=_header(config, "core"))
    manifest = core_manifest(config, parameters, core, tree)
    return write_files(out_dir, {
        f"{config.name}.v": text,
        **_models(config, parameters.engine, config.name, text),
        f"{config.name}.vlt": LINT_WAIVERS.read_text(encoding="utf-8"),
        f"{config.name}.sdc": timing_constraints(manifest),
        f"{config.name}.h": c_header(config.name, REGISTERS, core.windows),
        f"{config.name}.core": _fusesoc(config, config.name),
        f"{config.name}.json": _json(manifest),
    })


def generate_engine(config, out_dir):
    """Write the Verilog and the manifest of the engine alone, as ``<name>_engine``.

    Parameters, result and errors are those of `generate`.
    """
    parameters = derive(config)
    name = f"{config.name}_engine"
    family = family_of(parameters.engine)
    engine = (family.alone(parameters.engine) if family.alone
              else family.component(parameters.engine, parameters.post_cycles))
    text, tree = convert(engine, name=name, header=_header(config, "engine"))
    manifest = engine_manifest(config, parameters, engine, tree, name=name)
    return write_files(out_dir, {
        f"{name}.v": text,
        **_models(config, parameters.engine, name, text),
        f"{name}.vlt": LINT_WAIVERS.read_text(encoding="utf-8"),
        f"{name}.sdc": timing_constraints(manifest),
        f"{name}.core": _fusesoc(config, name),
        f"{name}.json": _json(manifest),
    })


def _models(config, engine, name, verilog):
    """Files with models of the modules that the Verilog leaves out, for simulation."""
    models = family_of(engine).models(engine)
    if not models:
        return {}
    own = set(re.findall(r"^module (\w+)", verilog, flags=re.MULTILINE))
    if clashes := sorted(own & models.keys()):
        raise UserError([f"engine.cell_macro: {module} is also the name of a part of the core; "
                         "choose another name" for module in clashes])
    texts = [convert(component, name=module, header=_header(config, f"model of {module}"))[0]
             for module, component in models.items()]
    return {models_file(name): "\n".join(texts)}


def _header(config, what):
    """The comment at the top of the Verilog: configuration, version, how it was made."""
    values = config.model_dump(mode="json", exclude_none=True)
    tools = ", ".join(f"{tool} {version}" for tool, version in tool_versions().items())
    return (f"{config.name}, {what}\n\n"
            f"Made by `ergon generate`, Ergon {VERSION} ({tools}),\n"
            f"from the configuration below: change that, not this file.\n\n"
            f"{yaml.safe_dump(values, sort_keys=False, width=90)}")


def _json(manifest):
    """One line per entry of a long list: readable, and small for thousands of components."""
    lines = []
    for key, value in manifest.items():
        if isinstance(value, list) and value:
            items = ",\n  ".join(json.dumps(item) for item in value)
            lines.append(f" {json.dumps(key)}: [\n  {items}\n ]")
        else:
            lines.append(f" {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _fusesoc(config, name):
    """FuseSoC core description (CAPI2)."""
    description = {
        "name": f"ergon:cores:{name}:{VERSION}",
        "description": config.description or f"Ergon accelerator {name}",
        "filesets": {
            "rtl": {"files": [f"{name}.v"], "file_type": "verilogSource-2005"},
            "waivers": {"files": [f"{name}.vlt"], "file_type": "vlt"},
        },
        "targets": {
            "default": {"filesets": ["rtl"], "toplevel": name},
            "lint": {"filesets": ["rtl", "waivers"], "toplevel": name, "default_tool": "verilator",
                     "tools": {"verilator": {"mode": "lint-only", "verilator_options": ["-Wall"]}}},
        },
    }
    return "CAPI=2:\n" + yaml.safe_dump(description, sort_keys=False)
