"""What stands for another component."""

from amaranth.lib.wiring import Component

__all__ = ["Replacement"]


class Replacement(Component):
    """Has the ports of the component that it stands for.

    Parameters
    ----------
    of: StampedComponent
    """

    _MustUse__silence = True  # like what it stands for

    def __init__(self, of):
        self.of = of
        super().__init__(dict(of.signature.members))
