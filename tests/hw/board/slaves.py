"""Slaves behind a bridge: memories of words in which some addresses answer with an error."""

from hw.axi import Burst, Response
from tests.hw.axi_channels import Sink, Source

__all__ = ["MemorySlave", "RegisterSlave"]

WHOLE = 0xF


class _Slave:
    """Words by address; what is written is recorded, so that nothing is carried out twice.

    Parameters
    ----------
    bus: object
        The manager's signals.
    rng: random.Random
    idle: float
        Probability of waiting, on each channel and in each cycle.
    """

    def __init__(self, bus, rng, idle, address_names, read_names):
        self.words, self.bad, self.written = {}, set(), []
        self.aw = Sink(bus, "aw", address_names, rng, idle)
        self.ar = Sink(bus, "ar", address_names, rng, idle)
        self.w = Sink(bus, "w", read_names, rng, idle)
        self.b, self.r = Source(bus, "b", rng, idle), Source(bus, "r", rng, idle)
        self.addresses, self.beats = [], []

    def response(self, addresses):
        return Response.SLVERR if self.bad.intersection(addresses) else Response.OKAY

    def drive(self, ctx):
        for channel in (self.aw, self.ar, self.w, self.b, self.r):
            channel.drive(ctx)

    def take(self, ctx):
        if (address := self.aw.taken(ctx)) is not None:
            self.addresses.append(address)
        if (beat := self.w.taken(ctx)) is not None:
            assert beat["strb"] == WHOLE
            self.beats.append(beat)
        if (address := self.ar.taken(ctx)) is not None:
            self.read(address)
        self.b.taken(ctx)
        self.r.taken(ctx)
        self.write()

    def store(self, address, data):
        self.written.append((address, data))
        if address not in self.bad:
            self.words[address] = data


class RegisterSlave(_Slave):
    """AXI4-Lite."""

    def __init__(self, bus, rng, idle):
        super().__init__(bus, rng, idle, ("addr",), ("data", "strb"))

    def read(self, address):
        place = address["addr"]
        self.r.send(data=self.words.get(place, 0), resp=self.response([place]))

    def write(self):
        if self.addresses and self.beats:
            place = self.addresses.pop(0)["addr"]
            self.store(place, self.beats.pop(0)["data"])
            self.b.send(resp=self.response([place]))


class MemorySlave(_Slave):
    """AXI4, INCR bursts of whole words."""

    def __init__(self, bus, rng, idle):
        super().__init__(bus, rng, idle, ("addr", "len", "size", "burst", "id"),
                         ("data", "strb", "last"))

    @staticmethod
    def places(burst):
        assert (burst["size"], burst["burst"]) == (2, Burst.INCR)
        return [burst["addr"] + 4 * beat for beat in range(burst["len"] + 1)]

    def read(self, address):
        places = self.places(address)
        for place in places:
            self.r.send(data=self.words.get(place, 0), resp=self.response([place]),
                        last=place == places[-1])

    def write(self):
        if not (self.beats and self.beats[-1]["last"]):
            return
        places = self.places(self.addresses.pop(0))
        assert [beat["last"] for beat in self.beats] == [False] * (len(places) - 1) + [True]
        for place, beat in zip(places, self.beats, strict=True):
            self.store(place, beat["data"])
        self.b.send(resp=self.response(places))
        self.beats.clear()
