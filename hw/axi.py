"""AXI signatures, seen from the manager.

Only the signals that a memory-mapped slave without caches, locks or regions has a use for; an
interconnect ties off or drops the rest. Names are AXI's own, in lower case.
"""

from amaranth.lib import enum
from amaranth.lib.wiring import In, Out, Signature

__all__ = ["AXI4LiteSignature", "AXI4Signature", "Burst", "Response"]


class Response(enum.Enum, shape=2):
    """``xRESP``: how a transfer ended."""

    OKAY = 0
    EXOKAY = 1
    SLVERR = 2
    DECERR = 3


class Burst(enum.Enum, shape=2):
    """``AxBURST``: how the address moves from beat to beat."""

    FIXED = 0
    INCR = 1
    WRAP = 2
    RESERVED = 3


class AXI4LiteSignature(Signature):
    """AXI4-Lite: single transfers, no identifiers.

    Parameters
    ----------
    address_bits, data_bits: int
        Widths of the addresses and of the data.
    """

    def __init__(self, *, address_bits, data_bits):
        self.address_bits = address_bits
        self.data_bits = data_bits
        super().__init__({
            "awvalid": Out(1), "awready": In(1), "awaddr": Out(address_bits),
            "wvalid": Out(1), "wready": In(1), "wdata": Out(data_bits),
            "wstrb": Out(data_bits // 8),
            "bvalid": In(1), "bready": Out(1), "bresp": In(Response),
            "arvalid": Out(1), "arready": In(1), "araddr": Out(address_bits),
            "rvalid": In(1), "rready": Out(1), "rdata": In(data_bits), "rresp": In(Response),
        })


class AXI4Signature(Signature):
    """AXI4: bursts of up to 256 beats, with identifiers.

    Parameters
    ----------
    address_bits, data_bits, id_bits: int
        Widths of the addresses, of the data and of the identifiers.
    """

    def __init__(self, *, address_bits, data_bits, id_bits):
        self.address_bits = address_bits
        self.data_bits = data_bits
        self.id_bits = id_bits
        super().__init__({
            **_address_channel("aw", address_bits, id_bits),
            "wvalid": Out(1), "wready": In(1), "wdata": Out(data_bits),
            "wstrb": Out(data_bits // 8), "wlast": Out(1),
            "bvalid": In(1), "bready": Out(1), "bid": In(id_bits), "bresp": In(Response),
            **_address_channel("ar", address_bits, id_bits),
            "rvalid": In(1), "rready": Out(1), "rid": In(id_bits), "rdata": In(data_bits),
            "rresp": In(Response), "rlast": In(1),
        })


def _address_channel(prefix, address_bits, id_bits):
    """AXI4's write and read address channels differ in the ``prefix`` only."""
    members = {"valid": Out(1), "ready": In(1), "id": Out(id_bits), "addr": Out(address_bits),
               "len": Out(8), "size": Out(3), "burst": Out(Burst)}
    return {prefix + name: member for name, member in members.items()}
