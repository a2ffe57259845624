"""Segments: jobs and their data, packed into the core's memories until one of them is full."""

from dataclasses import dataclass, field
from itertools import accumulate

from .images import parameter_image
from .mapping import make_job
from .program import MEMORIES, Full, Segment, Transfer, pack_descriptors
from .schedules import SCHEDULES, Bases
from .tile import Placement

__all__ = ["SegmentBuilder", "job_starts", "run_cost"]


def _channel_parts(tile, step):
    """The tile cut by channels into pieces of one job each."""
    return [tile.part(channel=channel,
                      channels=min(step, tile.channel + tile.channels - channel))
            for channel in range(tile.channel, tile.channel + tile.channels, step)]


@dataclass
class SegmentBuilder:
    """Fills the core's memories with jobs until one of them is full."""

    core: object
    encoding: dict
    loads: list = field(default_factory=list)
    jobs: list = field(default_factory=list)
    used: dict = field(default_factory=lambda: dict.fromkeys(MEMORIES, 0))
    halves: list = field(default_factory=lambda: [0, 0])

    @property
    def half_words(self):
        return self.core.activation_words // 2

    def place(self, half, box):
        """A `Placement` for a box (y, x, height, width, channel, channels) in a half."""
        placement = Placement(half * self.half_words + self.halves[half], *box,
                              self.core.word_lanes)
        # An engine reads whole vectors, also at a tensor's end: they wrap around in their half.
        missing = self.halves[half] + placement.words - self.half_words
        if missing > 0:
            raise Full("activations", missing)
        self.halves[half] += placement.words
        return placement

    def reserve(self, memory, words):
        """The first of ``words`` free words."""
        first = self.used[memory]
        capacity = getattr(self.core, f"{memory.rstrip('s')}_words")
        if first + words > capacity:
            raise Full(memory, first + words - capacity)
        self.used[memory] += words
        return first

    def load(self, memory, image):
        first = self.reserve(memory, len(image))
        self.loads.append(Transfer(memory, first, image))
        return first

    def run(self, tile, flow, inputs, outputs):
        """Add the jobs of a tile; returns where raw sums lie, part by part: (tile, first word)."""
        places = []
        if tile.existing:
            self.used["accumulators"] = 0
        schedule = SCHEDULES[flow]
        for part in _channel_parts(tile, schedule.channel_step(tile, self.core)):
            weights = self.load("weights", schedule.weight_image(part, self.core))
            parameters = (self.load("parameters", parameter_image(part, self.core))
                          if part.to_post else 0)
            for piece in schedule.pieces(part, self.core):
                sums = 0
                if piece.stays:
                    sums = self.reserve("accumulators",
                                        len(schedule.sum_places(piece, self.core)))
                elif (missing := schedule.sums_under_way(piece, self.core)
                      - self.core.accumulator_words) > 0:
                    raise Full("accumulators", missing)
                places.append((piece, sums))
                self.reserve("program", self.encoding["descriptor_words"])
                self.jobs.append(make_job(piece, flow, self.core, self.encoding, Bases(
                    inputs, outputs, weights, parameters, sums)))
        return places

    def finish(self, stores=()):
        """The `Segment`, with its descriptors among the loads."""
        words = pack_descriptors(self.jobs, self.encoding)
        loads = (*self.loads, Transfer("program", 0, words))
        cycles, accesses = run_cost(self.jobs, self.encoding)
        return Segment(loads=loads, base=0, jobs=tuple(self.jobs), stores=tuple(stores),
                       cycles=cycles, accesses=accesses)


def job_starts(jobs, encoding):
    """The cycle of the run in which each of consecutive jobs starts.

    That is the one after the last result of the job before, or when its descriptor, fetched from
    the cycle after that one's start on, is there. Without prefetching it is fetched from the cycle
    after that one's end on. ``encoding`` is the manifest's ``program`` entry.
    """
    fetch = encoding["descriptor_words"] + 2
    cycles = (max(job.cycles, fetch) if encoding["prefetch"] else job.cycles + fetch
              for job in jobs[:-1])
    return list(accumulate(cycles, initial=0))


def run_cost(jobs, encoding):
    """Cycles and accesses of consecutive jobs."""
    cycles = job_starts(jobs, encoding)[-1] + jobs[-1].cycles
    accesses = {memory: tuple(sum(job.accesses[memory][way] for job in jobs) for way in (0, 1))
                for memory in jobs[0].accesses}
    accesses["program"] = ((len(jobs) - 1) * encoding["descriptor_words"], 0)
    return cycles, accesses
