"""Loop nests as the compiler writes them: loops and strides, and the deltas hardware adds."""

from dataclasses import dataclass, field

__all__ = ["Loop", "Nest"]


@dataclass(frozen=True)
class Loop:
    """One loop.

    Parameters
    ----------
    name: str
        For masks.
    bound: int
        Iterations, one or more.
    strides: dict of str to int
        What one iteration adds to each address or coordinate; absent ones add nothing.
    """

    name: str
    bound: int
    strides: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Nest:
    """Loops, outermost first, and the addresses that follow them.

    Parameters
    ----------
    loops: tuple of Loop
    bases: dict of str to int
        Value of each address or coordinate at the first element.
    """

    loops: tuple[Loop, ...]
    bases: dict

    @property
    def elements(self):
        """Iterations of the innermost body."""
        count = 1
        for loop in self.loops:
            count *= loop.bound
        return count

    def bounds(self, dims):
        """Bounds minus one; unused outer loops run once."""
        return [0] * (dims - len(self.loops)) + [loop.bound - 1 for loop in self.loops]

    def deltas(self, name, dims):
        """What hardware adds when each loop steps: its stride, and the way back of inner loops."""
        deltas, back = [], 0
        for loop in reversed(self.loops):
            stride = loop.strides.get(name, 0)
            deltas.append(stride - back)
            back += stride * (loop.bound - 1)
        return [0] * (dims - len(self.loops)) + deltas[::-1]

    def mask(self, names, dims):
        """One bit per dimension, set for the named loops."""
        start = dims - len(self.loops)
        return sum(1 << (start + index) for index, loop in enumerate(self.loops)
                   if loop.name in names)
