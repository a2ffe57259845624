"""Energies of SRAMs of sizes that no macro has."""

import pytest

from energy.sram import MacroSram
from energy.sram_macros import load_macros

READ_FACTOR, WRITE_FACTOR = 3.88, 1.86   # the widest disagreement with CACTI


@pytest.fixture
def table():
    return load_macros("ihp_sg13g2")


@pytest.fixture
def sram(table):
    return MacroSram(table, node_nm=130, voltage_v=1.2)


def test_listed_sizes_are_the_macros(sram):
    assert (sram.read_pj(256, 64), sram.write_pj(256, 64)) == (49.6340, 63.4365)
    assert sram.leakage_nw(1024, 64) == pytest.approx(792.062, rel=1e-4)


def test_sizes_between_are_fitted(sram, table):
    assert sram.read_pj(300, 24) == table.read_fit(300, 24)
    assert 26.4863 < sram.read_pj(1024, 32) < 91.8272
    assert sram.read_factor(300, 24) == pytest.approx(READ_FACTOR, abs=0.01)
    assert sram.write_factor(300, 24) == pytest.approx(WRITE_FACTOR, abs=0.01)


def test_wide_words_lie_in_macros_abreast(sram):
    assert sram.read_pj(256, 128) == 2 * 49.6340
    assert sram.read_pj(256, 96) == 2 * sram.read_pj(256, 48)
    assert sram.read_factor(256, 128) == sram.read_factor(256, 64)


def test_beyond_the_largest_macro_energy_and_band_grow_with_the_root(sram):
    assert sram.read_pj(8192, 64) == pytest.approx(2 * 122.3940)
    assert sram.read_pj(16384, 16) == pytest.approx(2 * 58.6440)
    assert sram.read_factor(8192, 64) == pytest.approx(2 * sram.read_factor(2048, 64))


def test_below_the_smallest_macro_the_band_grows(sram, table):
    assert sram.read_pj(16, 64) == table.read_fit(16, 64)
    assert sram.read_factor(16, 64) == pytest.approx(2 * sram.read_factor(64, 64))
    assert sram.write_factor(16, 4) == pytest.approx(4 * sram.write_factor(64, 64))


def test_another_voltage_scales_with_its_square_and_widens_the_band(sram, table):
    other = MacroSram(table, node_nm=180, voltage_v=1.8)
    assert other.read_pj(256, 64) == pytest.approx(2.25 * 49.6340)
    assert other.read_factor(256, 64) == pytest.approx(1.5 * 180 / 130 * sram.read_factor(256, 64))
    assert sram.idle_is_known
    assert not other.idle_is_known


def test_rules_tell_the_errors(sram, table):
    fitted, band, idle = sram.rules()
    assert "reads 4.7% in the mean and 9.7% at worst, writes 3.3% in the mean and 5.4%" in fitted
    assert "the macros take 1.4 to 3.9 times what CACTI 7" in band
    assert "12.1 pW of leakage per bit at 25 °C" in idle
    *_, scaled = MacroSram(table, node_nm=130, voltage_v=1.8).rules()
    assert "(1.8 / 1.2)^2 = 2.25, an assumption that widens the band by 1.50" in scaled


def test_a_table_that_cannot_be_compared_has_the_error_of_its_fit(table):
    uncommon = table.model_copy(update={"macros": [
        macro.model_copy(update={"words": macro.words + 1}) for macro in table.macros]})
    sram = MacroSram(uncommon, node_nm=130, voltage_v=1.2)
    assert sram.read_factor(512, 64) == 1 + uncommon.read_fit.worst_error
    assert len(list(sram.rules())) == 2
