"""Mappings on row-stationary arrays that are set by hand, layer by layer."""

from dataclasses import replace
from typing import Annotated, Literal, Optional

from pydantic import BaseModel, ConfigDict, Field, create_model

from generators.documents import load_document
from generators.errors import UserError
from hw.parameters import Dataflow

from .row_mapping import RowMapping
from .row_search import fewest_sums, nearest_misfits
from .schedules.row_stationary import task_of
from .tile import whole_tile

__all__ = ["MappingFile", "with_mappings"]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


Count = Annotated[int, Field(strict=True, ge=1, le=65536)]
LayerMapping = create_model(
    "LayerMapping", __base__=_Section, __doc__="What is set of a layer's mapping.",
    **{name: (Optional[Count], None) for name in RowMapping.names()})  # noqa: UP045


class MappingFile(_Section):
    """Mappings of some layers; what is left out is chosen by the compiler."""

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
