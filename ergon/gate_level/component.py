"""A generated core, and the components in it that go to the gate level."""

import json
from dataclasses import dataclass
from pathlib import Path

from energy.netlist import instance_modules, module_nets, products, register_paths
from energy.partial_products import PartialProducts
from generators.config import load_config
from generators.derive import derive
from generators.errors import UserError
from generators.generate import generate

from ..catalog import core_file

__all__ = ["Core", "generated_core"]


@dataclass(frozen=True)
class Core:
    """A core with its generated files.

    Parameters
    ----------
    path: Path
        The manifest.
    parameters: CoreParameters
    manifest: dict
    verilog: str
    """

    path: Path
    parameters: object
    manifest: dict
    verilog: str

    @property
    def models(self):
        """Verilog of modules that the core leaves out, or None."""
        name = self.manifest["models"]
        return self.path.with_name(name) if name else None

    def module(self, path):
        """The Verilog module at an instance path below the top."""
        modules = instance_modules(self.verilog, self.manifest["top"])
        if path not in modules:
            near = ", ".join(sorted(name for name in modules if name and name.count(".") <= 1)[:12])
            raise UserError(f"component: {path} is not in {self.manifest['name']}; use an instance "
                            f"path such as {near}")
        return modules[path]

    def components(self, kind, scope=""):
        """The manifest's components of a kind in a scope."""
        prefix = f"{scope}." if scope else ""
        found = [component for component in self.manifest["components"]
                 if component["kind"] == kind
                 and (component["path"] == scope or component["path"].startswith(prefix))]
        if not found:
            kinds = sorted({component["kind"] for component in self.manifest["components"]})
            raise UserError(f"component: {self.manifest['name']} has no {kind} in "
                            f"{scope or 'the core'}; use one of {', '.join(kinds)}")
        return found

    def registers(self, path):
        """Paths of the registers in the instance at ``path``."""
        return [name for name in register_paths(self.verilog, self.manifest["top"])
                if name.startswith(f"{path}.")]


    def nets(self, path):
        """Names, below an instance, of what its energy may depend on.

        Its inputs, registers, and combinational nets with names; no clock and no reset.
        """
        own = [name for name in module_nets(self.verilog, self.module(path))
               if name not in (self.manifest["clock"]["port"], self.manifest["reset"]["port"])]
        prefix = f"{path}."
        return list(dict.fromkeys([*own, *(name.removeprefix(prefix)
                                           for name in self.registers(path))]))

    def multipliers(self, path):
        """Alternatives of how the products in an instance are built, as tuples of
        `PartialProducts`: with either factor recoded, and not at all."""
        module = self.module(path)
        widths = {name: bits for name, (_, bits) in module_nets(self.verilog, module).items()}
        factors = products(self.verilog, module)
        if not factors:
            return [()]
        def rows(plain, recoded):
            return PartialProducts(plain[0], recoded[0], widths[plain[0]], widths[recoded[0]],
                                   plain[1], recoded[1])
        return [tuple(rows(a, b) for a, b in factors), tuple(rows(b, a) for a, b in factors), ()]


def generated_core(config, out):
    """The `Core` of a configuration, generated into its folder below ``out``."""
    accelerator = load_config(core_file(config))
    path = Path(generate(accelerator, Path(out) / accelerator.name))
    return Core(path, derive(accelerator), json.loads(path.read_text()),
                path.with_suffix(".v").read_text())
