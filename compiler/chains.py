"""Workloads of several chains: one program for all of them, run after run."""

from dataclasses import replace

from .compile import compile_workload
from .program import Program

__all__ = ["compile_chains", "input_tensors"]


def compile_chains(core, encoding, chains, **options):
    """The `Program` of a workload's chains; options are those of `compile_workload`.

    Tensors are called as `compile_workload` does; where there are several chains, their inputs
    have the chain's name in front, since layers alone have different names.
    """
    programs = [compile_workload(core, encoding, chain, **options) for chain in chains]
    if len(chains) == 1:
        return programs[0]
    segments, tensors = [], {}
    for chain, program in zip(chains, programs, strict=True):
        segments += [replace(segment, loads=tuple(_named(chain, load) for load in segment.loads))
                     for segment in program.segments]
        tensors |= {_name(chain, name): shape for name, shape in program.tensors.items()}
    return Program(name="chains", segments=tuple(segments), tensors=tensors)


def input_tensors(chains):
    """What the host keeps before a program of these chains starts, by its name there."""
    return {_name(chain, f"input@{image}") if len(chains) > 1 else f"input@{image}": values
            for chain in chains for image, values in enumerate(chain.inputs)}


def _named(chain, load):
    return replace(load, tensor=_name(chain, load.tensor)) if load.tensor else load


def _name(chain, tensor):
    return f"{chain.name}.{tensor}" if tensor.startswith("input@") else tensor
