"""The memories of a core as the bus carries them.

A host speaks of *words* of *containers*: an int64 array with one row per memory word and one
column per number (`hw.windows`). The bus wants these numbers as bytes in containers of 8, 16 or
32 bits.
"""

from dataclasses import dataclass

import numpy as np

__all__ = ["HostWindow", "host_windows", "window_fields"]


@dataclass(frozen=True)
class HostWindow:
    """The window of one memory, see `hw.windows.Window`.

    Parameters
    ----------
    name: str
    base, words, word_stride_bytes, container_bits: int
    fields: tuple of (int, bool)
        Width and signedness of the number in each container of a word; width 0 where reserved.
    """

    name: str
    base: int
    words: int
    word_stride_bytes: int
    container_bits: int
    fields: tuple[tuple[int, bool], ...]

    def address(self, word):
        """Of a memory word, on the bus."""
        return self.base + word * self.word_stride_bytes

    def checked(self, first, values):
        """``values`` as an int64 array, if they are whole words inside of the memory."""
        values = np.asarray(values, dtype=np.int64)
        if values.ndim != 2 or values.shape[1] != len(self.fields):
            raise ValueError(f"{self.name}: values of shape {values.shape} are not words of "
                             f"{len(self.fields)} containers")
        self.check_range(first, len(values))
        return values

    def check_range(self, first, words):
        """Raise `ValueError` unless ``words`` words from ``first`` on exist."""
        if first < 0 or first + words > self.words:
            raise ValueError(f"{self.name}: words {first} to {first + words - 1} are not inside "
                             f"the memory's {self.words} words")

    def interpret(self, raw):
        """Cut numbers to the widths of their fields and give them their signs."""
        masks, signs = np.array([((1 << bits) - 1, (1 << bits >> 1) if signed else 0)
                                 for bits, signed in self.fields]).T
        return ((raw & masks) ^ signs) - signs

    def to_bytes(self, values):
        """Containers of ``values`` as the bus carries them, whole words with their padding."""
        image = np.zeros((len(values), self.word_stride_bytes), dtype=np.uint8)
        containers = np.ascontiguousarray(values.astype(self._container))
        content = containers.view(np.uint8).reshape(len(values), -1)
        image[:, :content.shape[1]] = content
        return image.tobytes()

    def from_bytes(self, image):
        """Values of the whole words in ``image``, bytes from the bus."""
        words = np.frombuffer(image, dtype=np.uint8).reshape(-1, self.word_stride_bytes)
        content = np.ascontiguousarray(words[:, :len(self.fields) * self._container.itemsize])
        return self.interpret(content.view(self._container).astype(np.int64))

    @property
    def _container(self):
        return np.dtype(f"<i{self.container_bits // 8}")


def host_windows(manifest):
    """The `HostWindow` objects of a manifest by name, in their order."""
    return {window["memory"]: HostWindow(**window_fields(window))
            for window in manifest["windows"]}


def window_fields(window):
    """The arguments of a `HostWindow`, from the manifest's entry."""
    fields = [(field["bits"], field["signed"]) for field in window["fields"]]
    return {"name": window["memory"], "base": window["base"], "words": window["words"],
            "word_stride_bytes": window["word_stride_bytes"],
            "container_bits": window["lane_container_bits"],
            "fields": tuple(fields) * (window["lanes"] // len(fields))}
