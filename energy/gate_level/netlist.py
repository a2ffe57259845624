"""Mapped structural Verilog, as Yosys writes it, to one flat list of cells and nets."""

from dataclasses import dataclass

from energy.gate_level.structural_verilog import parse_modules
from generators.errors import UserError

__all__ = ["CONSTANTS", "Netlist", "read_netlist"]

CONSTANTS = ("1'b0", "1'b1")  # the nets with index 0 and 1


@dataclass(frozen=True)
class Netlist:
    """A flat netlist of library cells.

    Attributes
    ----------
    top: str
        The module that was flattened.
    ports: dict of str to (str, list of int)
        Direction (``input``, ``output``, ``inout``) and net of each bit, lowest first.
    nets: list of str
        Every net at a cell's pin or a port of the top: ``sum[3]``, below an instance
        ``pe_0.sum_o[3]``; of several names of one net the one that is declared first in the
        outermost module. The first two are always the constants ``1'b0`` and ``1'b1``.
    aliases: dict of str to int
        Index in ``nets`` of every name of these nets.
    instances, kinds, pins: list of str, list of str, list of dict of str to int
        Of each cell its path (``pe_0._123_``), its name in the library, and the net of each
        connected pin.
    """

    top: str
    ports: dict
    nets: list
    aliases: dict
    instances: list
    kinds: list
    pins: list


def read_netlist(text, library, top=None):
    """Read a mapped netlist, flat or hierarchical.

    Parameters
    ----------
    text: str
        Verilog of modules, nets, ``assign`` and instances with named connections. Constants x and
        z count as 0.
    library: Library
        Its cells are the leaves.
    top: str or None
        The module to flatten; None takes the only one that no other module places.

    Raises
    ------
    UserError
        For Verilog that is not structural, a cell or pin that the library lacks, widths that
        disagree, or no top.
    """
    modules = parse_modules(text)
    return _Flattener(modules, library).netlist(_top(modules, top))


def _top(modules, top):
    if top is not None:
        if top not in modules:
            raise UserError(
                f"netlist: has no module {top}; it has {', '.join(sorted(modules)[:5])}"
            )
        return top
    placed = {cell.kind for module in modules.values() for cell in module.cells}
    tops = [name for name in modules if name not in placed]
    if len(tops) != 1:
        raise UserError(f"netlist: {len(tops)} modules are placed by no other; name the top module")
    return tops[0]


class _Flattener:
    """Places modules into each other.

    Nets are numbered as they appear, and joined where a module ties its ports together.
    """

    def __init__(self, modules, library):
        self.modules, self.cells = modules, library.cells
        self.parents = [0, 1]  # union-find over nets; the lowest number stands for the set
        self.names = {name: net for net, name in enumerate(CONSTANTS)}
        self.instances, self.kinds, self.pins = [], [], []

    def netlist(self, top):
        module = self.modules[top]
        nets = self.place(top, "", {})
        ports = {
            name: (direction, [nets[bit] for bit in module.wires[name]])
            for name, direction in module.ports.items()
        }
        used = {0, 1}
        used.update(self.root(net) for _, bits in ports.values() for net in bits)
        used.update(self.root(net) for pins in self.pins for net in pins.values())
        index = {net: position for position, net in enumerate(sorted(used))}
        aliases, names = {}, {}
        for name, net in self.names.items():
            position = index.get(self.root(net))
            if position is not None:
                aliases[name] = position
                names.setdefault(position, name)
        return Netlist(
            top=top,
            ports={
                name: (direction, [index[self.root(net)] for net in bits])
                for name, (direction, bits) in ports.items()
            },
            nets=[names[position] for position in range(len(index))],
            aliases=aliases,
            instances=self.instances,
            kinds=self.kinds,
            pins=[{pin: index[self.root(net)] for pin, net in pins.items()} for pins in self.pins],
        )

    def root(self, net):
        parents = self.parents
        while parents[net] != net:
            parents[net] = parents[parents[net]]
            net = parents[net]
        return net

    def place(self, kind, prefix, bound, path=()):
        """Number the nets of one placed module and place its cells.

        ``bound`` holds the outer net of each local port bit. Returns the net of each local bit.
        """
        if kind in path:
            raise UserError(f"netlist: module {kind} contains itself; flatten the design again")
        module = self.modules[kind]
        nets = [0, 1] + [None] * (len(module.roots) - 2)
        for bit, net in bound.items():
            local = module.roots[bit]
            if nets[local] is None:
                nets[local] = net
            else:  # two ports, or a port and a constant, are one net inside
                low, high = sorted((self.root(nets[local]), self.root(net)))
                self.parents[high] = low
        parents, names = self.parents, self.names
        for bit, local in enumerate(module.roots):
            if nets[local] is None:
                nets[local] = len(parents)
                parents.append(nets[local])
            nets[bit] = nets[local]
            if bit > 1:
                names[prefix + module.names[bit]] = nets[bit]
        for cell in module.cells:
            if cell.kind in self.cells:
                self.instances.append(prefix + cell.name)
                self.kinds.append(cell.kind)
                self.pins.append({pin: nets[bit] for pin, bit in self.pins_of(cell)})
            elif cell.kind in self.modules:
                inner = {bit: nets[outer] for bit, outer in self.binding(cell)}
                self.place(cell.kind, f"{prefix}{cell.name}.", inner, (*path, kind))
            else:
                raise UserError(
                    f"netlist: cell {cell.kind} of instance {prefix}{cell.name} is not in the "
                    f"library; map the design with this library"
                )
        return nets

    def pins_of(self, cell):
        """(library pin, local bit) of a leaf cell; buses of macros are spread over their pins."""
        pins = self.cells[cell.kind].pins
        for name, bits in cell.connections:
            if name in pins and len(bits) <= 1:
                yield from ((name, bit) for bit in bits)
            elif f"{name}[{len(bits) - 1}]" in pins:
                yield from ((f"{name}[{index}]", bit) for index, bit in enumerate(bits))
            elif bits:
                raise UserError(
                    f"netlist: {name} of instance {cell.name} is not a pin of {len(bits)} bits of "
                    f"{cell.kind}; map the design with this library"
                )

    def binding(self, cell):
        """(bit inside, local bit outside) of the ports of a placed module."""
        module = self.modules[cell.kind]
        for name, bits in cell.connections:
            if name not in module.ports:
                raise UserError(
                    f"netlist: {name} of instance {cell.name} is not a port of {cell.kind}; "
                    "write the netlist again"
                )
            inside = module.wires[name]
            if bits and len(bits) != len(inside):
                raise UserError(
                    f"netlist: port {name} of {cell.kind} has {len(inside)} bits, but instance "
                    f"{cell.name} connects {len(bits)}; write the netlist again"
                )
            yield from zip(inside, bits, strict=False)
