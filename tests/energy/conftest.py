"""A toy core (``data/tiny.v``) with everything that an annotation needs."""

from pathlib import Path

import pytest

from energy.technology import load_technology

DATA = Path(__file__).parent / "data"


@pytest.fixture
def data():
    return DATA


@pytest.fixture
def technology():
    return load_technology("horowitz_45nm")


@pytest.fixture
def manifest():
    element = {"input_bits": 4, "weight_bits": 4, "sum_bits": 10}
    return {
        "top": "tiny",
        "clock": {"port": "clk", "period_ns": 10.0},
        "components": [
            {"path": "memory", "module": "sram_1rw_8x8", "kind": "sram", "parameters": {}},
            {"path": "pe_0", "module": "pe_4x4", "kind": "pe",
             "parameters": {**element, "sum_in": "None"}},
            {"path": "pe_1", "module": "pe_4x4", "kind": "pe",
             "parameters": {**element, "sum_in": "int10"}},
        ],
        "memories": [{"name": "weights", "path": "memory", "kind": "sram_1rw", "depth": 8,
                      "width": 8, "read_enable": "memory.read_en",
                      "write_enable": "memory.write_any"}],
        "windows": [{"memory": "weights", "words": 8}],
        "peak_macs_per_cycle": 2,
    }


@pytest.fixture
def run():
    """Eight cycles of two MACs each, in two layers; the toy's activity covers 25 cycles."""
    def layer(name, cycles, macs, reads):
        return {"name": name, "cycles": cycles, "macs": macs,
                "accesses": {"weights": {"reads": reads, "writes": 0}}}
    return {
        "config": "tiny", "workload": "toy", "simulator": "icarus", "seed": 1, "cycles": 10,
        "predicted_cycles": 10, "macs": 16, "peak_macs_per_cycle": 2, "utilization": 0.8,
        "mismatches": 0,
        "accesses": {"weights": {"reads": 8, "writes": 0, "predicted_reads": 8,
                                 "predicted_writes": 0}},
        "layers": [layer("first", 6, 12, 6), layer("second", 4, 4, 2)],
    }
