"""AXI4 slave for the windows of a core's memories."""

from amaranth import Module, Mux, Signal
from amaranth.lib.wiring import In, Out, connect, flipped

from .axi import AXI4Signature, Burst, Response
from .stamp import StampedComponent
from .window_router import WindowRouter, host_ports
from .windows import BUS_BITS, BUS_BYTES

__all__ = ["ADDRESS_BITS", "ID_BITS", "MemoryBus"]

ADDRESS_BITS = 32
ID_BITS = 4
BEAT_SHIFT = (BUS_BYTES - 1).bit_length()  # address bits within a beat


class MemoryBus(StampedComponent):
    """The memories of a core on AXI4, one burst at a time; where both wait, the other kind is next.

    Takes INCR and FIXED bursts of whole 32-bit beats at one beat per cycle. A write beat reaches
    its memory in the cycle of its handshake. A read beat is read once there is room for it and
    offered two cycles later.

    A beat fails where it lies in no window, where it meets a ``busy`` core and where its strobes
    cover a part of a container; all beats fail of a burst that is narrow, wraps, is not aligned or
    starts outside the map. A beat that fails changes nothing, and the rest of its burst goes on. A
    read answers SLVERR for each beat that fails, a write if any beat did.

    Parameters
    ----------
    windows: tuple of Window
        Where the memories lie.

    Members
    -------
    bus: In(AXI4Signature)
    busy: In(1)
        The core owns the memories.
    active: Out(1)
        A burst is under way: the bus owns the memories, also between its accesses. Low while busy.
    host: Out(host_ports(windows))
        One `HostPort` per window, named after its memory.
    """

    kind = "bus"
    module_name = "memory_bus"

    def __init__(self, windows):
        self.windows = tuple(windows)
        super().__init__({
            "bus": In(AXI4Signature(address_bits=ADDRESS_BITS, data_bits=BUS_BITS,
                                    id_bits=ID_BITS)),
            "busy": In(1),
            "active": Out(1),
            "host": Out(host_ports(self.windows)),
        })

    def parameters(self):
        return {f"{window.memory}_{name}": value for window in self.windows
                for name, value in (("base", window.base), ("words", window.words),
                                    ("lanes", window.lanes), ("lane", repr(window.lane_shape)))}

    def elaborate(self, platform):
        m = Module()
        bus = self.bus
        m.submodules.router = router = WindowRouter(self.windows)
        connect(m, router.host, flipped(self.host))
        m.d.comb += [
            router.busy.eq(self.busy),
            router.write_data.eq(bus.wdata),
            router.strobes.eq(bus.wstrb),
        ]

        increments = Signal()
        identifier = Signal(ID_BITS)
        following = Signal(router.beat_bits + 1)
        m.d.comb += [
            following.eq(router.beat + increments),
            bus.bid.eq(identifier),
            bus.rid.eq(identifier),
        ]
        with m.If(router.read | router.write):
            m.d.sync += [
                router.beat.eq(following),
                router.outside.eq(router.outside | following[-1]),
            ]

        def take(channel):
            """Accept the burst on ``aw`` or ``ar``, whose valid has been seen."""
            ready, address, size, burst, source = (
                getattr(bus, channel + name) for name in ("ready", "addr", "size", "burst", "id"))
            beat = address[BEAT_SHIFT:]
            legal = ((address[:BEAT_SHIFT] == 0) & (beat >> router.beat_bits == 0)
                     & (size == BEAT_SHIFT) & ((burst == Burst.FIXED) | (burst == Burst.INCR)))
            m.d.comb += ready.eq(1)
            m.d.sync += [
                router.beat.eq(beat),
                router.outside.eq(~legal),
                increments.eq(burst == Burst.INCR),
                identifier.eq(source),
            ]

        reading = self._read_beats(m, router)
        failed = Signal()
        reads_first = Signal()
        with m.FSM() as fsm:
            m.d.comb += self.active.eq(~fsm.ongoing("IDLE") & ~self.busy)
            with m.State("IDLE"):
                with m.If(bus.arvalid & (reads_first | ~bus.awvalid)):
                    m.next = "TAKE_READ"
                with m.Elif(bus.awvalid):
                    m.next = "TAKE_WRITE"
            with m.State("TAKE_READ"):
                take("ar")
                m.d.sync += [reading.eq(1), reads_first.eq(0)]
                m.next = "READ"
            with m.State("READ"), m.If(bus.rvalid & bus.rready & bus.rlast):
                m.next = "IDLE"
            with m.State("TAKE_WRITE"):
                take("aw")
                m.d.sync += [failed.eq(0), reads_first.eq(1)]
                m.next = "WRITE"
            with m.State("WRITE"):
                m.d.comb += [bus.wready.eq(1), router.write.eq(bus.wvalid)]
                with m.If(bus.wvalid):
                    m.d.sync += failed.eq(failed | router.refused)
                with m.If(bus.wvalid & bus.wlast):
                    m.next = "RESPOND"
            with m.State("RESPOND"):
                m.d.comb += [
                    bus.bvalid.eq(1),
                    bus.bresp.eq(Mux(failed, Response.SLVERR, Response.OKAY)),
                ]
                with m.If(bus.bready):
                    m.next = "IDLE"
        return m

    def _read_beats(self, m, router):
        """Read ahead by one beat; returns the signal that a new burst sets.

        A beat goes from the memory's own output register to the bus's, which keeps it safe from a
        core that takes the memory over.
        """
        bus = self.bus
        reading = Signal()
        remaining = Signal.like(bus.arlen)
        fetched = Signal()
        fetched_last = Signal()
        fetched_failed = Signal()
        room = ~bus.rvalid | bus.rready
        m.d.comb += router.read.eq(reading & (room | ~fetched))
        with m.If(bus.arready):
            m.d.sync += remaining.eq(bus.arlen)
        with m.If(room):
            m.d.sync += [
                bus.rvalid.eq(fetched),
                bus.rlast.eq(fetched_last),
                bus.rdata.eq(router.read_data),
                bus.rresp.eq(Mux(fetched_failed | self.busy, Response.SLVERR, Response.OKAY)),
                fetched.eq(0),
            ]
        with m.If(self.busy):
            m.d.sync += fetched_failed.eq(1)
        with m.If(router.read):
            m.d.sync += [
                fetched.eq(1),
                fetched_last.eq(remaining == 0),
                fetched_failed.eq(router.refused),
                remaining.eq(remaining - 1),
                reading.eq(remaining != 0),
            ]
        return reading
