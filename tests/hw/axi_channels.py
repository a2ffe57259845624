"""Both ends of an AXI channel for Amaranth's simulator, idle at random.

A bench calls ``drive`` on each channel, looks at what is ``taken``, and then waits for the clock.
"""

__all__ = ["Sink", "Source"]


class Source:
    """Offers queued transfers one by one, and each until it is taken.

    Parameters
    ----------
    bus: object
        Has the channel's signals.
    channel: str
        Prefix of their names.
    rng: random.Random
    idle: float
        Probability of waiting in each cycle.
    """

    def __init__(self, bus, channel, rng, idle):
        self.bus, self.channel, self.rng, self.idle = bus, channel, rng, idle
        self.queue = []
        self.offered = False

    def _signal(self, name):
        return getattr(self.bus, self.channel + name)

    def send(self, **fields):
        self.queue.append(fields)

    def drive(self, ctx):
        if not self.offered and self.queue and self.rng.random() >= self.idle:
            self.offered = True
            for name, value in self.queue[0].items():
                ctx.set(self._signal(name), value)
        ctx.set(self._signal("valid"), self.offered)

    def taken(self, ctx):
        """The transfer that the coming clock edge completes, or None."""
        if not (self.offered and ctx.get(self._signal("ready"))):
            return None
        self.offered = False
        return self.queue.pop(0)


class Sink:
    """Takes transfers, and checks that one which waits does not change.

    Parameters
    ----------
    bus, channel, rng, idle
        As for `Source`.
    names: tuple of str
        The channel's signals apart from its handshake.
    """

    def __init__(self, bus, channel, names, rng, idle):
        self.bus, self.channel, self.names, self.rng, self.idle = bus, channel, names, rng, idle
        self.waiting = None

    def _signal(self, name):
        return getattr(self.bus, self.channel + name)

    def drive(self, ctx):
        ctx.set(self._signal("ready"), self.rng.random() >= self.idle)

    def taken(self, ctx):
        """The transfer that the coming clock edge completes, or None."""
        if not ctx.get(self._signal("valid")):
            assert self.waiting is None, f"{self.channel}: a transfer was withdrawn"
            return None
        transfer = {name: ctx.get(self._signal(name)) for name in self.names}
        assert self.waiting in (None, transfer), f"{self.channel}: a waiting transfer changed"
        done = ctx.get(self._signal("ready"))
        self.waiting = None if done else transfer
        return transfer if done else None
