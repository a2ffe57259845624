"""What components do with their ``config`` at the start of a job, in the cycle of ``load``.

Components that are ``held`` have a config that stays as it is until the next ``load``; others latch
what they need of it.
"""

from amaranth import Signal

from .loop_nest import AffineAddress, LoopNest

__all__ = ["add_address", "add_nest", "latch"]


def latch(m, component, field):
    """``component.config[field]``, or the register that takes it at ``load``."""
    value = component.config[field]
    if component.held:
        return value
    register = Signal.like(value, name=field, reset_less=True)
    with m.If(component.load):
        m.d.sync += register.eq(value)
    return register


def add_nest(m, component, step):
    """Place the `LoopNest` that ``component.config.bounds`` describes."""
    m.submodules.nest = nest = LoopNest(component.dims, component.bound_bits,
                                               component.held)
    m.d.comb += [
        nest.load.eq(component.load),
        nest.bounds.eq(component.config.bounds),
        nest.step.eq(step),
    ]
    return nest


def add_address(m, component, name, base, deltas, step, steps):
    """Place an `AffineAddress` of two fields of the config; returns its value."""
    m.submodules[name] = address = AffineAddress(len(component.config[base]),
                                                       component.dims, component.held)
    m.d.comb += [
        address.load.eq(component.load),
        address.base.eq(component.config[base]),
        address.deltas.eq(component.config[deltas]),
        address.step.eq(step),
        address.steps.eq(steps),
    ]
    return address.value
