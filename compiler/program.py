"""Programs: what the host loads, starts and reads back, and what all of it is predicted to cost."""

from dataclasses import dataclass, field

import numpy as np

__all__ = ["LOOPS", "MEMORIES", "Full", "Job", "Program", "Segment", "Transfer",
           "pack_descriptors"]

MEMORIES = ("activations", "weights", "accumulators", "parameters", "program")
LOOPS = "loops"


class Full(Exception):
    """A tile is too large for one job.

    Parameters
    ----------
    memory: str
        The memory that is too small; `LOOPS` if a loop is longer than the core counts.
    words: int
        Words (or iterations) that are missing.
    """

    def __init__(self, memory, words):
        super().__init__(memory, words)
        self.memory, self.words = memory, words


@dataclass(frozen=True, eq=False)
class Transfer:
    """Words of a memory that come from the host or go to it.

    Parameters
    ----------
    memory: str
    word: int
        Address of the first word.
    data: numpy.ndarray
        [words, containers]: numbers to load; or, where ``tensor`` is named, the place of each
        number in that tensor (flattened), -1 where there is none.
    tensor: str or None
        A tensor that the host keeps.
    """

    memory: str
    word: int
    data: np.ndarray
    tensor: str | None = None

    def gather(self, tensors):
        """The numbers to load; places without one get 0."""
        if self.tensor is None:
            return self.data
        numbers = tensors[self.tensor].reshape(-1)
        return np.where(self.data >= 0, numbers[self.data], 0)

    def scatter(self, words, tensors):
        """Put what was read into the tensor that it belongs to."""
        held = self.data >= 0
        tensors[self.tensor].reshape(-1)[self.data[held]] = words[held]


@dataclass(frozen=True, eq=False)
class Job:
    """One descriptor: a layer, or a tile of one that the core's memories hold.

    Parameters
    ----------
    layer: str
        Name of the layer that it belongs to.
    dataflow: str
        What the engine does.
    fields: dict of str to int
        Descriptor fields, named as in the manifest.
    cycles: int
        From the job's start to its last result, both included.
    accesses: dict of str to (int, int)
        Reads and writes of each memory; an access is one word of one SRAM.
    macs: int
        Useful multiply-accumulates.
    mapping: Mapping
        What the fields say: the tile and its loops.
    """

    layer: str
    dataflow: str
    fields: dict
    cycles: int
    accesses: dict
    macs: int
    mapping: object


@dataclass(frozen=True, eq=False)
class Segment:
    """What runs from one start to done, with what the host moves before and after it.

    ``image`` is the number of the image that it works on.
    """

    loads: tuple[Transfer, ...]
    base: int
    jobs: tuple[Job, ...]
    stores: tuple[Transfer, ...]
    cycles: int
    accesses: dict = field(default_factory=dict)
    image: int = 0


@dataclass(frozen=True, eq=False)
class Program:
    """A compiled workload.

    Parameters
    ----------
    name: str
    segments: tuple of Segment
        In the order of execution.
    tensors: dict of str to tuple of int
        Shapes of the tensors that the host keeps; ``input`` and ``<layer>``, each followed by
        ``@<image>``.
    """

    name: str
    segments: tuple[Segment, ...]
    tensors: dict

    @property
    def cycles(self):
        return sum(segment.cycles for segment in self.segments)

    @property
    def macs(self):
        return sum(job.macs for segment in self.segments for job in segment.jobs)

    @property
    def accesses(self):
        """Predicted (reads, writes) of each memory."""
        return {memory: tuple(sum(segment.accesses[memory][way] for segment in self.segments)
                              for way in (0, 1)) for memory in self.segments[0].accesses}


def pack_descriptors(jobs, encoding):
    """Program words [words, 1] of consecutive jobs, the last one marked.

    ``encoding`` is the manifest's ``program`` entry; numbers are taken modulo their field's width.
    """
    words = []
    for number, job in enumerate(jobs):
        fields = job.fields | {"last": int(number == len(jobs) - 1)}
        bits = 0
        for entry in encoding["fields"]:
            value = fields.pop(entry["name"], 0) & ((1 << entry["width"]) - 1)
            bits |= value << entry["offset"]
        if fields:
            raise ValueError(f"the core has no descriptor fields {sorted(fields)}")
        words += [(bits >> (32 * n)) & 0xFFFFFFFF for n in range(encoding["descriptor_words"])]
    return np.array(words, dtype=np.int64).reshape(-1, 1)
