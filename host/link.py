"""How bytes reach a bridge. A link's methods are coroutines, so that a simulator can be one.

A link has ``async send(data)``, which returns when the bytes are on their way, and
``async receive(count)``, which returns fewer bytes where the line has been silent for a while.
``async drop()`` forgets what has arrived.
"""

from generators.errors import UserError

__all__ = ["SerialLink", "run"]


class SerialLink:
    """A serial port of this machine.

    Parameters
    ----------
    port: str
        Path of the device.
    baud: int
        Bits per second.
    silence: float
        Seconds without a byte after which no more is expected. The bridge's own silence is shorter
        at any usual speed, and a USB adapter holds bytes back for up to 16 ms.

    Raises
    ------
    UserError
        If the port cannot be opened.
    """

    def __init__(self, port, baud, silence=0.3):
        import serial  # takes its time, and only a board needs it

        try:
            self._port = serial.Serial(port, baud, timeout=silence)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise UserError(f"{port}: cannot be opened ({reason}); name the board's serial port "
                            "with --port, and see that you may use it") from None

    async def send(self, data):
        self._port.write(data)
        self._port.flush()

    async def receive(self, count):
        return self._port.read(count)

    async def drop(self):
        self._port.reset_input_buffer()

    def close(self):
        self._port.close()


def run(coroutine):
    """What a coroutine returns that never waits for anything but this machine."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise RuntimeError(f"{coroutine.__name__} waits for an event loop")
