"""The frames between a host and a bridge: the one definition that hardware and host share."""

from enum import IntEnum, IntFlag

__all__ = ["ADDRESS_BYTES", "CHECKSUM_BYTES", "FRAME_WORDS", "HEADER_BYTES", "SILENCE", "START",
           "Field", "Kind"]

START = 0xE5
HEADER_BYTES = 8
ADDRESS_BYTES = 4
CHECKSUM_BYTES = 2
FRAME_WORDS = 64

# Bits of a line without a byte that end a frame. 2 ms at a million per second: longer than the gaps
# that a USB adapter leaves.
SILENCE = 2048


class Field(IntEnum):
    """Where the parts of a header begin."""

    START = 0
    KIND = 1
    SEQUENCE = 2
    LENGTH = 3   # of the payload in words, less one; not counted for a register
    ADDRESS = 4  # lowest byte first


class Kind(IntFlag):
    """What is asked for, and in an answer how it went as well."""

    WRITE = 0x01    # else a read
    MEMORY = 0x02   # else a register
    FAILED = 0x10   # the bus answered with an error; what was read is worth nothing
    DAMAGED = 0x20  # the request did not arrive whole and was ignored; there is no payload
