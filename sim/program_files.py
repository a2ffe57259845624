"""A program on its way into the simulator's process: one .npz file.

A program is what `compiler.program` describes. A run needs less of it, and gets less: for each
segment (what runs from one start to its end) the transfers before and after it, the program word to
start at, the number of jobs and the predicted cycles. What earlier segments loaded or computed
stays in the memories, so that a hundred images need not load the weights a hundred times.

The file holds every array under a name of its own and, under ``index``, all the rest as JSON.
"""

import json
from dataclasses import dataclass

import numpy as np

from compiler.program import Transfer

__all__ = ["StoredSegment", "load_arrays", "load_program", "save_arrays", "save_program"]


@dataclass(frozen=True, eq=False)
class StoredSegment:
    """A segment as read back from a file.

    Parameters
    ----------
    loads, stores: tuple of Transfer
    base: int
        Program word to start at.
    jobs: int
        Jobs that the run must end.
    cycles: int
        Predicted, from start to done.
    """

    loads: tuple[Transfer, ...]
    base: int
    jobs: int
    cycles: int
    stores: tuple[Transfer, ...]


def save_program(path, program, tensors):
    """Write a `compiler.program.Program` and the ``tensors`` that the host begins with.

    An array that several transfers share is written once. Tensors that the program names and that
    are not given begin as zeros.
    """
    arrays, names = {}, {}

    def named(array):
        if id(array) not in names:
            names[id(array)] = f"transfer_{len(names)}"
            arrays[names[id(array)]] = np.asarray(array, dtype=np.int64)
        return names[id(array)]

    def listed(transfers):
        return [{"memory": transfer.memory, "word": int(transfer.word),
                 "data": named(transfer.data), "tensor": transfer.tensor}
                for transfer in transfers]

    index = {
        "segments": [{"loads": listed(segment.loads), "stores": listed(segment.stores),
                      "base": int(segment.base), "jobs": len(segment.jobs),
                      "cycles": int(segment.cycles)} for segment in program.segments],
        "tensors": {name: list(map(int, shape)) for name, shape in program.tensors.items()},
    }
    arrays |= {f"tensor:{name}": np.asarray(values, dtype=np.int64)
               for name, values in tensors.items()}
    save_arrays(path, index, arrays)


def load_program(path):
    """What `save_program` wrote: a tuple of `StoredSegment`, and all tensors by name."""
    index, arrays = load_arrays(path)

    def transfers(entries):
        return tuple(Transfer(entry["memory"], entry["word"], arrays[entry["data"]],
                              entry["tensor"]) for entry in entries)

    tensors = {name: arrays.get(f"tensor:{name}", np.zeros(shape, dtype=np.int64)).reshape(shape)
               for name, shape in index["tensors"].items()}
    segments = tuple(
        StoredSegment(loads=transfers(entry["loads"]), stores=transfers(entry["stores"]),
                      base=entry["base"], jobs=entry["jobs"], cycles=entry["cycles"])
        for entry in index["segments"])
    return segments, tensors


def save_arrays(path, index, arrays):
    """Write plain data and arrays into one file."""
    with open(path, "wb") as file:
        np.savez(file, index=np.array(json.dumps(index)), **arrays)


def load_arrays(path):
    """Plain data and a dict of arrays, from one file."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    return json.loads(str(arrays.pop("index"))), arrays
