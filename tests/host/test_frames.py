"""Frames as bytes, and what is no frame."""

import random

import pytest

from host.frames import Frame, FrameError, decode, encode, payload_bytes
from hw.board.protocol import CHECKSUM_BYTES, FRAME_WORDS, HEADER_BYTES, Kind


def test_bytes_of_a_request():
    frame = Frame(Kind.WRITE, 7, 0x12345604, 1, b"\x01\x02\x03\x04")
    assert encode(frame).hex(" ") == "e5 01 07 00 04 56 34 12 01 02 03 04 30 94"


@pytest.mark.parametrize("seed", range(20))
def test_there_and_back(seed):
    print(f"seed={seed}")
    rng = random.Random(seed)
    words = rng.randrange(1, FRAME_WORDS + 1)
    frame = Frame(Kind(rng.randrange(4)), rng.randrange(256), rng.getrandbits(32), words,
                  rng.randbytes(4 * words))
    data = encode(frame)
    assert decode(data) == frame
    position = rng.randrange(len(data))
    with pytest.raises(FrameError):
        decode(data[:position] + bytes([data[position] ^ 1 << rng.randrange(8)])
               + data[position + 1:])
    with pytest.raises(FrameError):
        decode(data[:position])


@pytest.mark.parametrize(("kind", "answer", "size"), [
    (Kind(0), False, 0), (Kind(0), True, 4), (Kind.WRITE, False, 4), (Kind.WRITE, True, 0),
    (Kind.MEMORY, True, 12), (Kind.MEMORY | Kind.FAILED, True, 12),
    (Kind.MEMORY | Kind.WRITE, False, 12), (Kind.DAMAGED | Kind.MEMORY, True, 0)])
def test_payload_follows_from_the_header(kind, answer, size):
    header = encode(Frame(kind, 0, 0, 3))[:-CHECKSUM_BYTES]
    assert len(header) == HEADER_BYTES
    assert payload_bytes(header, answer=answer) == size
