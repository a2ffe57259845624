"""The sequencer: runs the jobs of a program one after the other, with no host in between."""

from amaranth import Cat, Module, Signal
from amaranth.lib.wiring import In, Out

from .descriptor import PROGRAM_WORD_BITS, descriptor_layout, descriptor_words
from .parameters import address_bits
from .stamp import StampedComponent

__all__ = ["Sequencer"]


class Sequencer(StampedComponent):
    """Fetches descriptors and starts jobs.

    The descriptor at the program's base is fetched while the core is idle, that of the next job
    while a job runs: a job starts in the cycle of the start command, or in the cycle after the
    last result of the job before it, unless its descriptor is still on its way. A fetch takes one
    cycle per word and one more. Without ``prefetch`` it begins after the last result, and
    ``descriptor`` stays as it is for as long as the job runs.

    Members
    -------
    start: pulse, only while not busy. program_base: first word of the program.
    stale: what has been fetched may be wrong; fetch again from the base.
    host_access: the host uses the program memory in this cycle; fetching waits.
    read_en, read_addr, read_data: the program memory.
    working: a job has not written its last result.
    load: Out(1), job start; ``descriptor`` is valid in this cycle.
    legal: In(1), the engine can run ``descriptor``. refused: pulse, a job was not started because
        it cannot be run, which ends the program.
    busy, ready: a program runs; a start would act at once. finished: pulse, the program has ended.
    cycles: from the start command to the last result, both included. layers: jobs that ended.
    """

    kind = "sequencer"
    module_name = "sequencer"

    def __init__(self, core):
        self.core = core
        self.address_bits = address_bits(core.program_words)
        self.layout = descriptor_layout(core)
        super().__init__({
            "start": In(1), "program_base": In(self.address_bits),
            "stale": In(1), "host_access": In(1),
            "read_en": Out(1), "read_addr": Out(self.address_bits),
            "read_data": In(PROGRAM_WORD_BITS),
            "working": In(1), "load": Out(1), "descriptor": Out(self.layout),
            "legal": In(1), "refused": Out(1),
            "busy": Out(1), "ready": Out(1), "finished": Out(1),
            "cycles": Out(64), "layers": Out(32),
        })

    def parameters(self):
        return {"descriptor_words": descriptor_words(self.core),
                "descriptor_bits": self.layout.size}

    def elaborate(self, platform):
        m = Module()
        ends_program = Signal()          # the running job is the last one
        runs, ended, begins = Signal(), Signal(), Signal()
        self._fetch(m, runs)
        waits = self.busy & (~runs | (ended & ~ends_program))
        m.d.comb += [
            ended.eq(runs & ~self.working),
            begins.eq(self.ready & (self.start | waits)),
            self.load.eq(begins & self.legal),
            self.refused.eq(begins & ~self.legal),
            self.finished.eq((ended & ends_program) | self.refused),
        ]
        with m.If(self.busy & ~self.finished):
            m.d.sync += self.cycles.eq(self.cycles + 1)
        with m.If(ended):
            m.d.sync += [runs.eq(0), self.layers.eq(self.layers + 1)]
        with m.If(self.start):
            m.d.sync += [self.busy.eq(1), self.cycles.eq(1), self.layers.eq(0)]
        with m.If(self.finished):
            m.d.sync += self.busy.eq(0)
        with m.If(self.load):
            m.d.sync += [runs.eq(1), ends_program.eq(self.descriptor.last)]
        return m

    def _fetch(self, m, runs):
        """Keep ``descriptor`` filled: words enter at the top and move down."""
        words = descriptor_words(self.core)
        held = Signal(words * PROGRAM_WORD_BITS)
        address = Signal(self.address_bits)
        left = Signal(range(words + 1), init=words)      # words still to be read
        arriving = Signal()                              # a word comes in this cycle
        at_base = Signal()                               # address is valid
        fetches = at_base & (left != 0) & ~self.host_access
        if not self.core.prefetch:
            fetches &= ~runs                             # the units still read the descriptor
        m.d.comb += [
            self.descriptor.eq(held[:self.layout.size]),
            self.ready.eq(at_base & (left == 0) & ~arriving),
            self.read_en.eq(fetches),
            self.read_addr.eq(address),
        ]
        m.d.sync += arriving.eq(self.read_en)
        with m.If(self.read_en):
            m.d.sync += [address.eq(address + 1), left.eq(left - 1)]
        with m.If(arriving):
            m.d.sync += held.eq(Cat(held[PROGRAM_WORD_BITS:], self.read_data))
        with m.If(self.load & ~self.descriptor.last):
            m.d.sync += left.eq(words)
        refetch = self.stale | (self.load & self.descriptor.last) | self.refused
        with m.If(~at_base & ~self.busy):
            m.d.sync += [address.eq(self.program_base), left.eq(words), at_base.eq(1)]
        with m.If(refetch):
            m.d.sync += at_base.eq(0)
