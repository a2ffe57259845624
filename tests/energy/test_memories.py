"""SRAMs made of macros: reads and writes apart, and what they take while nobody reads them."""

import pytest

from energy.activity import Activity
from energy.memories import memory_parts
from energy.sram import MacroSram
from energy.sram_macros import load_macros
from energy.technology import Technology

from .toy_cim import PERIOD, net

CYCLES = 20


class Macros(Technology):
    """Logic as published, memories as macros."""

    sram = MacroSram(load_macros("ihp_sg13g2"), node_nm=130, voltage_v=1.2)


@pytest.fixture
def macros(technology):
    return Macros(technology.file)


def parts(macros, reads, writes):
    manifest = {"clock": {"period_ns": PERIOD}, "windows": [], "memories": [
        {"name": "weights", "path": "memory", "depth": 256, "width": 64,
         "read_enable": "memory.read_en", "write_enable": "memory.write_any"}]}
    nets = {"memory.read_en": net((2,), (reads,)), "memory.write_any": net((2,), (writes,))}
    activity = Activity(source="made up", duration_ns=CYCLES * PERIOD, nets=nets)
    return list(memory_parts(manifest, activity, macros))


def test_reads_and_writes_have_their_own_energies_and_bands(macros):
    accesses, _ = parts(macros, reads=8, writes=4)
    read, write = 8 * 49.6340, 4 * 63.4365
    assert (accesses.reads, accesses.writes) == (8, 4)
    assert accesses.activity_pj == accesses.fixed_pj == pytest.approx(read + write)
    assert accesses.error_factor == pytest.approx((read * 3.8808 + write * 1.8632)
                                                  / (read + write), rel=1e-3)


def test_idle_cycles_and_leakage(macros):
    _, idle = parts(macros, reads=8, writes=4)
    assert (idle.label, idle.count, idle.unit) == ("SRAM idle cycles and leakage", 1, "cycles")
    assert idle.actions == CYCLES - 12
    # 198 nW over the whole run; a deselected clock takes nothing.
    assert idle.activity_pj == pytest.approx(198.0155e-6 * CYCLES * PERIOD, rel=1e-4)


def test_another_process_has_no_idle_figure(macros):
    class Scaled(Technology):
        sram = MacroSram(macros.sram.table, node_nm=130, voltage_v=1.8)

    (accesses,) = parts(Scaled(macros.file), reads=0, writes=0)
    assert accesses.activity_pj == 0
    assert accesses.error_factor == pytest.approx(1.5 * 3.8808, rel=1e-3)
