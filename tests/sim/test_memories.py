"""Words of containers as bus bytes, as packed bits, and in banks."""

import numpy as np
import pytest

from sim.memories import simulated_memories

FIELDS = {
    "int8": [{"bits": 8, "signed": True}],
    "uint5": [{"bits": 5, "signed": False}],
    "int32": [{"bits": 32, "signed": True}],
    "parameters": [{"bits": 32, "signed": True}, {"bits": 31, "signed": False},
                   {"bits": 6, "signed": True}, {"bits": 0, "signed": False}],
}


def _memory(fields, paths, *, words, lanes, container, stride):
    window = {"memory": "m", "base": 0, "words": words, "word_stride_bytes": stride,
              "lanes": lanes, "lane_container_bits": container, "fields": FIELDS[fields]}
    depth = words // len(paths) if "half" in paths[0] else words
    entries = [{"name": "m", "path": path, "depth": depth, "read_enable": f"{path}.read_en",
                "write_enable": f"{path}.write_any"} for path in paths]
    return simulated_memories({"windows": [window], "memories": entries})["m"]


MEMORIES = {
    "activations": lambda: _memory(
        "int8", [f"a.half_{h}_bank_{b}" for h in range(2) for b in range(4)],
        words=64, lanes=3, container=8, stride=4),
    "weights": lambda: _memory("uint5", ["w.words"], words=16, lanes=7, container=8, stride=8),
    "accumulators": lambda: _memory("int32", ["acc"], words=16, lanes=5, container=32, stride=32),
    "parameters": lambda: _memory("parameters", ["p.bias", "p.multiplier", "p.shift"],
                                  words=8, lanes=12, container=32, stride=64),
}


@pytest.fixture(params=MEMORIES)
def memory(request):
    return MEMORIES[request.param]()


def _random_values(memory, words):
    low = [-(1 << bits >> 1) if signed else 0 for bits, signed in memory.fields]
    high = [1 << (bits - 1 if signed else bits) for bits, signed in memory.fields]
    return np.random.default_rng(1).integers(low, high, size=(words, len(low)))


def test_bus_bytes_keep_the_values(memory):
    values = _random_values(memory, memory.words)
    image = memory.to_bytes(values)
    assert len(image) == memory.words * memory.word_stride_bytes
    np.testing.assert_array_equal(memory.from_bytes(image), values)


def test_containers_are_little_endian_with_lane_0_lowest():
    memory = MEMORIES["accumulators"]()
    image = memory.to_bytes(np.array([[1, -2, 0, 0, 0x1234]]))
    assert image[:8] == bytes([1, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF])
    assert image[16:20] == bytes([0x34, 0x12, 0, 0])


def test_banks_hold_every_number_once_and_keep_it(memory):
    values = _random_values(memory, memory.words)
    words = np.arange(memory.words)
    held_times = np.zeros_like(values)
    copy = np.full_like(values, -1)
    for bank in memory.banks:
        held, rows = bank.rows(words)
        assert sorted(rows) == list(range(bank.depth))
        held_times[np.ix_(held, bank.containers)] += 1
        part = np.zeros((len(rows), values.shape[1]), dtype=np.int64)
        bank.from_hex(bank.to_hex(values[held]), part)
        copy[np.ix_(held, bank.containers)] = part[:, bank.containers]
    real = [bits > 0 for bits, _ in memory.fields]
    assert (held_times[:, real] == 1).all()
    np.testing.assert_array_equal(memory.interpret(copy)[:, real], values[:, real])


def test_activation_banks_interleave_within_halves():
    memory = MEMORIES["activations"]()
    bank = memory.banks[4 + 1]          # half 1, bank 1
    held, rows = bank.rows(np.array([33, 34, 37, 1]))
    assert held.tolist() == [True, False, True, False]
    assert rows.tolist() == [0, 1]


def test_packed_words_have_lane_0_in_the_low_bits():
    memory = MEMORIES["weights"]()
    assert memory.banks[0].to_hex(np.array([[1, 2, 0, 0, 0, 0, 31]])) == ["07c0000041"]


def test_what_does_not_fit_is_refused(memory):
    values = _random_values(memory, 2)
    with pytest.raises(ValueError, match=rf"^m: words {memory.words - 1} to {memory.words} are "
                                         rf"not inside the memory's {memory.words} words$"):
        memory.checked(memory.words - 1, values)
    with pytest.raises(ValueError, match=r"^m: values of shape \(2, 1\) are not words of "
                                         rf"{len(memory.fields)} containers$"):
        memory.checked(0, values[:, :1])
