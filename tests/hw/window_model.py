"""The address space of a memory bus as plain Python, byte by byte."""

__all__ = ["WindowModel"]


class WindowModel:
    """Memories behind windows: one number per container, zero at first.

    Parameters
    ----------
    windows: tuple of Window
    """

    def __init__(self, windows):
        self.windows = windows
        self.numbers = {}
        self.end = max(window.base + window.bytes for window in windows)

    def _containers(self, address):
        """Bytes of a container, and key, shape and lowest byte of each in a bus word.

        None where there is no window.
        """
        for window in self.windows:
            word, place = divmod(address - window.base, window.word_stride_bytes)
            if 0 <= word < window.words:
                break
        else:
            return None
        size = window.container_bits // 8
        found = []
        for index in range(place // size, (place + 4) // size):
            if index < len(window.containers):
                found.append(((window.memory, word, index), window.containers[index],
                              index * size - place))
        return size, found

    def write(self, address, data, strobes):
        """Write a bus word; returns whether that is allowed."""
        mapped = self._containers(address)
        if mapped is None:
            return False
        size, found = mapped
        whole = (1 << size) - 1
        if any(strobes >> low & whole not in (0, whole) for low in range(0, 4, size)):
            return False
        for key, shape, low in found:
            if strobes >> low & 1:
                self.numbers[key] = data >> 8 * low & ((1 << shape.width) - 1)
        return True

    def read(self, address):
        """A bus word, or None where there is none."""
        mapped = self._containers(address)
        if mapped is None:
            return None
        (size, found), result = mapped, 0
        for key, shape, low in found:
            number = self.numbers.get(key, 0)
            if shape.signed and number >> (shape.width - 1):
                number -= 1 << shape.width
            result |= (number & ((1 << 8 * size) - 1)) << 8 * low
        return result
