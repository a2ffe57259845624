"""The frames of `hw.board.protocol` as bytes."""

from binascii import crc_hqx
from dataclasses import dataclass

from hw.board.protocol import ADDRESS_BYTES, CHECKSUM_BYTES, FRAME_WORDS, START, Kind
from hw.windows import BUS_BYTES

__all__ = ["Frame", "FrameError", "checked", "decode", "encode", "payload_bytes"]


class FrameError(Exception):
    """Bytes that are no frame."""


@dataclass(frozen=True)
class Frame:
    """A request or an answer.

    Parameters
    ----------
    kind: Kind
    sequence: int
        0 to 255.
    address: int
        Of a register, or of the first word of a burst.
    words: int
        Of the payload: 1 for a register, 1 to `FRAME_WORDS` for a burst; also where the payload is
        in the other direction.
    payload: bytes
    """

    kind: Kind
    sequence: int
    address: int
    words: int
    payload: bytes = b""


def payload_bytes(header, *, answer):
    """Bytes of payload that follow a header.

    Parameters
    ----------
    header: bytes
    answer: bool
        It came from the bridge.
    """
    kind, _, length = header[1:4]
    if (kind & Kind.DAMAGED) or bool(kind & Kind.WRITE) == answer:
        return 0
    return BUS_BYTES * (length % FRAME_WORDS + 1 if kind & Kind.MEMORY else 1)


def checked(content):
    """``content`` with its checksum."""
    return content + crc_hqx(content, 0xFFFF).to_bytes(CHECKSUM_BYTES, "big")


def encode(frame):
    """The bytes of a frame."""
    return bytes([START]) + checked(
        bytes([frame.kind, frame.sequence, frame.words - 1])
        + frame.address.to_bytes(ADDRESS_BYTES, "little") + frame.payload)


def decode(data):
    """The frame in bytes from a start byte to a checksum; `FrameError` if they are none."""
    header_end = 1 + 3 + ADDRESS_BYTES
    if len(data) < header_end + CHECKSUM_BYTES or data[0] != START:
        raise FrameError(f"{len(data)} bytes are no frame")
    if crc_hqx(data[1:], 0xFFFF):
        raise FrameError("the checksum is wrong")
    return Frame(Kind(data[1]), data[2], int.from_bytes(data[4:header_end], "little"), data[3] + 1,
                 data[header_end:-CHECKSUM_BYTES])
