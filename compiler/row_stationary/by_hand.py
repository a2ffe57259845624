"""Mappings on row-stationary arrays that are set by hand, layer by layer."""

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from generators.documents import load_document
from generators.errors import UserError
from hw.parameters import Dataflow

from ..tile import whole_tile
from .choice import task_of
from .search import fewest_sums, nearest_misfits

__all__ = ["MappingFile", "with_mappings"]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


Count = Annotated[int, Field(strict=True, ge=1, le=65536)]
class LayerMapping(_Section):
    """What is set of a layer's mapping; the compiler chooses the rest."""

    kernel_rows: Count | None = None
    """Kernel rows in one pass over the input, each in an element of its own."""
    kernel_columns: Count | None = None
    """Kernel columns in one pass, one after the other in an element."""
    channel_groups: Count | None = None
    """Elements of a chain that share a kernel row and have different input channels."""
    filter_groups: Count | None = None
    """Chains of elements with different filters."""
    row_groups: Count | None = None
    """Chains of elements with different output rows."""
    column_groups: Count | None = None
    """Parts of an output row; the array's columns are divided among them."""
    filters: Count | None = None
    """Filters that take turns in an element."""
    channels: Count | None = None
    """Input channels that take turns in an element."""


class MappingFile(_Section):
    """Mappings of some layers on a row-stationary array."""

    version: Literal[1]
    """Version of this file format: 1."""
    layers: dict[str, LayerMapping]
    """By the layer's name."""


def with_mappings(chains, core, path):
    """The chains of a workload, with the mappings of a `MappingFile` in their layers.

    Raises
    ------
    UserError
        With every problem of the file, and every mapping that its layer cannot have.
    """
    if Dataflow.ROW_STATIONARY not in core.dataflows:
        raise UserError([f"{path}: {core.name} has no mappings to choose; leave it out, or use a "
                         "row-stationary core"])
    chosen = {name: mapping.model_dump(exclude_none=True)
              for name, mapping in load_document(path, MappingFile).layers.items()}
    layers = {layer.name: layer for chain in chains for layer in chain.layers}
    problems = [f"layers.{name}: is no layer of this workload; use {', '.join(layers)}"
                for name in chosen if name not in layers]
    for name, mapping in chosen.items():
        if name in layers:
            problems += [f"layers.{name}.{problem}"
                         for problem in _problems(layers[name], core, mapping)]
    if problems:
        raise UserError(problems)
    return tuple(replace(chain, layers=tuple(
        replace(layer, mapping=chosen.get(layer.name)) for layer in chain.layers))
        for chain in chains)


def _problems(layer, core, mapping):
    """Why no mapping of the whole layer has these numbers."""
    task, fixed = task_of(whole_tile(layer, core.input_lanes), core), tuple(sorted(mapping.items()))
    return [] if fewest_sums(task, fixed) is not None else nearest_misfits(task, fixed)
