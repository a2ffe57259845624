"""Stamped modules: repeated hardware is one Verilog module, placed many times.

`Stamped` wraps a component. Elaborated for Amaranth's simulator (no platform) it is the component
itself. Elaborated on a `StampLibrary` it is an ``Instance`` of a module that the library's owner
converts once. Amaranth's inserters stop at an ``Instance``: a stamped component takes clock, reset
and every control as ports.
"""

from amaranth import ClockSignal, Elaboratable, Instance, ResetSignal
from amaranth.lib.wiring import Component

__all__ = ["StampLibrary", "Stamped", "StampedComponent", "flat_ports"]


def flat_ports(component):
    """Verilog port name, direction (``i`` or ``o``) and value of each member of a component."""
    for path, member, value in component.signature.flatten(component):
        value = getattr(value, "as_value", lambda value=value: value)()
        yield "__".join(map(str, path)), member.flow.name[0].lower(), value


class StampLibrary:
    """Collects each distinct stamped component once, as the platform of an elaboration.

    Parameters
    ----------
    cells: dict of type to function
        What an FPGA family puts in place of components of a type: from the component to another one
        with the same ports, or to itself.

    Attributes
    ----------
    components: dict of str to Component
        Module name to the first component that was placed under it.
    """

    def __init__(self, cells):
        self.cells = cells
        self.components = {}

    def register(self, component):
        """The module name of ``component``, which it must state itself as ``module_name``."""
        known = self.components.setdefault(component.module_name, component)
        if known.stamp_key() != component.stamp_key():
            raise ValueError(f"two different components are called {component.module_name}")
        return component.module_name

    def elaborated(self, module):
        """What the module of a name is made of."""
        component = self.components[module]
        return self.cells.get(type(component), lambda own: own)(component)


class StampedComponent(Component):
    """A component that is converted once per ``module_name``.

    Subclasses set ``module_name`` (unique for their parameters) and ``kind`` before calling the
    base constructor. The manifest lists what is inside, but for those that are ``opaque``.
    """

    kind = "component"
    opaque = False
    # Most of the copies that are placed as instances are never elaborated: no reason to warn.
    _MustUse__silence = True

    def stamp_key(self):
        return type(self), self.parameters()

    def parameters(self):
        """Parameters by name, for the manifest: plain numbers and strings."""
        raise TypeError(f"{type(self).__name__} does not name its parameters")


class Stamped(Elaboratable):
    """Places a `StampedComponent`: natively without a platform, else as an ``Instance``."""

    def __init__(self, component):
        self.component = component

    def elaborate(self, platform):
        if not isinstance(platform, StampLibrary):
            return self.component
        module = platform.register(self.component)
        ports = {f"{direction}_{name}": value
                 for name, direction, value in flat_ports(self.component)}
        return Instance(module, i_clk=ClockSignal(), i_rst=ResetSignal(), **ports)
