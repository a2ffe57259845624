"""The host of a core: registers by name, memories by word, start and end of a program.

`HostDriver` waits for nothing but its transport, and so runs in a testbench as well as on a board.
"""

from contextlib import contextmanager

from hw.registers import IDENTIFICATION

from .client import BusError

__all__ = ["HostDriver", "HungError", "WrongDeviceError", "run_segments"]

READY_POLLS = 1000  # a descriptor is prefetched within a few of them
POLL_CYCLES = 1000  # the least that a register access takes over the fastest serial line


class HungError(Exception):
    """A run did not end in its time."""


class WrongDeviceError(Exception):
    """What answers is not a core."""


class HostDriver:
    """Drives one core through a transport.

    Parameters
    ----------
    transport: object
        Has coroutines ``read_register(offset)``, ``write_register(offset, value)``,
        ``read(address, size)`` and ``write(address, content)``, which raise `BusError` with the
        response alone.
    manifest: dict
    memories: dict of str to HostWindow
    """

    def __init__(self, transport, manifest, memories):
        self.transport = transport
        self.memories = memories
        self.registers = {register["name"]: register for register in manifest["registers"]}

    def mask(self, register, field):
        """The bits of a field, in its register."""
        entry = next(entry for entry in self.registers[register]["fields"]
                     if entry["name"] == field)
        return ((1 << entry["width"]) - 1) << entry["offset"]

    async def write_register(self, name, value):
        with _during(f"writing {value:#x} to {name}"):
            await self.transport.write_register(self.registers[name]["offset"], value)

    async def read_register(self, name):
        with _during(f"reading {name}"):
            return await self.transport.read_register(self.registers[name]["offset"])

    async def identify(self):
        """Raise `WrongDeviceError` unless a core answers."""
        found = await self.read_register("ID")
        if found != IDENTIFICATION:
            raise WrongDeviceError(f"register ID is {found:#010x} and not {IDENTIFICATION:#010x}")

    async def enable_interrupt(self):
        await self.write_register("INTERRUPT_ENABLE", self.mask("INTERRUPT_ENABLE", "done"))

    async def status(self):
        """STATUS as a dict of field to value."""
        value = await self.read_register("STATUS")
        return {field["name"]: (value & self.mask("STATUS", field["name"])) >> field["offset"]
                for field in self.registers["STATUS"]["fields"]}

    async def cycles(self):
        """Cycles of the last run, as the core counts them."""
        low = await self.read_register("CYCLES_LOW")
        return await self.read_register("CYCLES_HIGH") << 32 | low

    async def write_memory(self, name, first, values):
        """Write whole words from word ``first`` on; ``values`` is [words, containers]."""
        memory = self.memories[name]
        values = memory.checked(first, values)
        with _during(f"writing words {first} to {first + len(values) - 1} of {name}"):
            await self.transport.write(memory.address(first), memory.to_bytes(values))

    async def read_memory(self, name, first, words):
        """The [words, containers] from word ``first`` on."""
        memory = self.memories[name]
        memory.check_range(first, words)
        with _during(f"reading words {first} to {first + words - 1} of {name}"):
            return memory.from_bytes(await self.transport.read(
                memory.address(first), words * memory.word_stride_bytes))

    async def load(self, loads):
        """Write a sequence of (memory, first word, values)."""
        for load in loads:
            await self.write_memory(*load)

    async def start(self, base):
        """Start the program at word ``base``, once the core has prefetched its beginning."""
        await self.write_register("PROGRAM_BASE", base)
        ready = self.mask("STATUS", "ready")
        for _ in range(READY_POLLS):
            if await self.read_register("STATUS") & ready:
                break
        else:
            raise HungError(f"the core did not prefetch the program at word {base}")
        await self.write_register(
            "CONTROL", self.mask("CONTROL", "start") | self.mask("CONTROL", "clear"))

    async def wait_done(self, limit_cycles):
        """Ask until done; `HungError` not before ``limit_cycles`` are over."""
        done = self.mask("STATUS", "done")
        for _ in range(limit_cycles // POLL_CYCLES + 2):
            if await self.read_register("STATUS") & done:
                return
        raise HungError(f"not done after {limit_cycles} cycles")


async def run_segments(driver, segments, tensors):
    """Run the segments of a program, and put what they compute into ``tensors``.

    Parameters
    ----------
    driver: HostDriver
    segments: iterable of compiler.program.Segment
        Or of what a file holds of them, see `sim.program_files`.
    tensors: dict of str to numpy.ndarray
        All tensors of the program.

    Returns
    -------
    list of dict
        ``cycles``, ``jobs`` and ``status`` of each run.
    """
    runs = []
    await driver.identify()
    await driver.enable_interrupt()
    for segment in segments:
        await driver.load([(load.memory, load.word, load.gather(tensors))
                           for load in segment.loads])
        await driver.start(segment.base)
        await driver.wait_done(limit_cycles=2 * segment.cycles + 10_000)
        runs.append({"cycles": await driver.cycles(),
                     "jobs": await driver.read_register("LAYERS"),
                     "status": await driver.status()})
        for store in segment.stores:
            words = await driver.read_memory(store.memory, store.word, len(store.data))
            store.scatter(words, tensors)
    return runs


@contextmanager
def _during(what):
    """Say what was tried where the bus answers with an error."""
    try:
        yield
    except BusError as error:
        raise BusError(f"{what}: {error}") from None
