"""NLDM lookup tables: reading them from Liberty, and interpolation."""

from dataclasses import dataclass

import numpy as np

from generators.errors import UserError

__all__ = ["Table", "TableReader"]

_SLEW = {"input_net_transition", "input_transition_time"}
_LOAD = {"total_output_net_capacitance"}


@dataclass(frozen=True, eq=False)
class Table:
    """Lookup table over input slew (seconds) and output load (farads).

    `values` has shape (slews, loads), in seconds or joules. An axis that the table lacks is None
    and has length 1 in `values`.
    """

    slews_s: np.ndarray | None
    loads_f: np.ndarray | None
    values: np.ndarray

    def __call__(self, slew_s, load_f):
        """Bilinear interpolation, linear beyond the outermost two points of an axis.

        `slew_s` and `load_f` are floats or arrays that broadcast; so is the result.
        """
        row, next_row, y = _bracket(self.slews_s, slew_s)
        column, next_column, x = _bracket(self.loads_f, load_f)
        values = self.values
        near = values[row, column] * (1 - x) + values[row, next_column] * x
        far = values[next_row, column] * (1 - x) + values[next_row, next_column] * x
        return near * (1 - y) + far * y


def _bracket(axis, at):
    """Indices of the two axis points around each of `at`, and the weight of the second."""
    at = np.asarray(at, dtype=float)
    if axis is None:
        zeros = np.zeros(at.shape, dtype=int)
        return zeros, zeros, np.zeros(at.shape)
    low = np.clip(np.searchsorted(axis, at, side="right") - 1, 0, len(axis) - 2)
    return low, low + 1, (at - axis[low]) / (axis[low + 1] - axis[low])


class TableReader:
    """Reads tables of one library into SI units.

    Parameters
    ----------
    path: Path
        Names the file in messages.
    templates: dict of str to Group
        Each names the variables of its tables and may give their points.
    time_s, cap_f: float
        The library's units.
    """

    def __init__(self, path, templates, time_s, cap_f):
        self.path, self.templates = path, templates
        self.time_s, self.cap_f = time_s, cap_f

    def read(self, parent, kind, scale):
        """The table `kind (template) { … }` of a group, its values times `scale`; or None.

        Raises
        ------
        UserError
            For an unknown template, axes other than slew and load, or numbers that don't fit.
        """
        group = next((g for g in parent.groups if g.kind == kind), None)
        if group is None:
            return None
        name = group.arguments[0] if group.arguments else "scalar"
        values = self.numbers(group.lists.get("values", "")) * scale
        if name == "scalar":
            return Table(None, None, values.reshape(1, 1))
        template = self.templates.get(name)
        if template is None:
            raise UserError(
                f"{self.path}: table template {name!r} is not in the library; mend the file"
            )
        axes = {}
        for number in (1, 2, 3):
            variable = template.attributes.get(f"variable_{number}")
            index = group.lists.get(f"index_{number}", template.lists.get(f"index_{number}"))
            if variable in _SLEW and index is not None:
                axes["slew"] = self.numbers(index) * self.time_s
            elif variable in _LOAD and index is not None:
                axes["load"] = self.numbers(index) * self.cap_f
            elif variable is not None:
                raise UserError(
                    f"{self.path}: {variable} is an unknown axis of {name}; use slew and load"
                )
        shape = [len(axis) for axis in axes.values()]
        if np.prod(shape) != values.size or any(
            np.any(np.diff(axis) <= 0) for axis in axes.values()
        ):
            raise UserError(
                f"{self.path}: a {kind} table does not fit its axes {shape}; mend the file"
            )
        values = values.reshape(shape)
        if list(axes) == ["load", "slew"]:
            values = values.T
        elif list(axes) == ["slew"]:
            values = values[:, None]
        elif list(axes) == ["load"]:
            values = values[None, :]
        # An axis of one point carries no slope: it is no axis.
        points = {name: axis for name, axis in axes.items() if len(axis) > 1}
        return Table(points.get("slew"), points.get("load"), np.ascontiguousarray(values))

    def numbers(self, text):
        """Numbers of an index or of values, in file order."""
        try:
            return np.array(
                [float(word) for word in text.replace('"', " ").replace(",", " ").split()]
            )
        except ValueError:
            raise UserError(
                f"{self.path}: {text.strip()[:40]!r} is not a list of numbers; mend the file"
            ) from None
