"""How bytes reach a bridge. A link's methods are coroutines, so that a simulator can be one.

A link has ``async send(data)``, which returns when the bytes are on their way, and
``async receive(count)``, which returns fewer bytes where the line has been silent for a while.
``async drop()`` forgets what has arrived.
"""

import os
from contextlib import contextmanager

from generators.errors import UserError
from hw.board.protocol import SILENCE

try:
    from termios import error as TerminalError  # what pyserial lets through; no kind of OSError
except ImportError:  # no terminals, as on Windows
    TerminalError = OSError

__all__ = ["LinkError", "SerialLink", "run"]

LATENCY = 0.1  # seconds; a USB adapter holds bytes back for up to 16 ms, a busy machine for longer


class LinkError(Exception):
    """The line is gone."""


class SerialLink:
    """A serial port of this machine.

    Parameters
    ----------
    port: str
        Path of the device.
    baud: int
        Bits per second.

    Raises
    ------
    UserError
        If the port cannot be opened.
    """

    def __init__(self, port, baud):
        import serial  # takes its time, and only a board needs it

        try:
            self._port = serial.Serial(port, baud,
                                       timeout=LATENCY + 2 * SILENCE / baud)
        except (OSError, ValueError) as error:
            number = getattr(error, "errno", None)
            reason = os.strerror(number) if number else error
            raise UserError(f"{port}: cannot be opened ({reason}); name the board's serial port "
                            "with --port, and see that you may use it") from None

    async def send(self, data):
        with self._reported():
            self._port.write(data)
            self._port.flush()

    async def receive(self, count):
        with self._reported():
            return self._port.read(count)

    async def drop(self):
        with self._reported():
            self._port.reset_input_buffer()

    def close(self):
        self._port.close()

    @contextmanager
    def _reported(self):
        try:
            yield
        except (OSError, TerminalError) as error:
            raise LinkError(f"the port is gone ({error})") from None


def run(coroutine):
    """What a coroutine returns that never waits for anything but this machine."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise RuntimeError(f"{coroutine.__name__} waits for an event loop")
