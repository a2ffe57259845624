"""Published chips beside an estimate: a ratio where they match, and no ratio where they don't."""

import pytest

from energy.silicon import compare_with_silicon, matches, published_chips
from energy.technology import Technology


def at(technology, node_nm, voltage_v):
    return Technology(technology.file.model_copy(
        update={"node_nm": node_nm, "voltage_v": voltage_v}))


def test_energy_per_mac_is_that_of_the_papers():
    chips, sources = published_chips()
    assert {chip.source for chip in chips} == set(sources)
    (chih,) = [chip for chip in chips if chip.chip.startswith("Chih")]
    # 89 TOPS/W at 4 x 4 bits.
    assert 2000 / chih.fj_per_mac(4, 4) == pytest.approx(89)
    (park,) = [chip for chip in chips if (chip.node_nm, chip.voltage_v) == (40, 1.1)
               and chip.weight_bits == 8]
    assert park.fj_per_mac(8, 8) == pytest.approx(128000 / 157.44)


def test_same_node_supply_and_operands(technology):
    found = {chip.chip for chip in matches(at(technology, 28, 0.8), 8, 8)}
    assert found == {"Yan et al., ISSCC 2022"}   # bit-serial, so that it takes 8 bits
    assert {chip.voltage_v for chip in matches(at(technology, 28, 0.9), 8, 8)} == {0.9}
    assert matches(at(technology, 28, 0.8), 8, 7) == []
    assert matches(at(technology, 32, 0.8), 8, 8) == []


def test_a_match_has_a_ratio(technology):
    found = compare_with_silicon(at(technology, 28, 0.8), 8, 8, pj_per_mac=0.7305)
    (row,) = found.rows
    assert row["fj_per_mac"] == pytest.approx(73.05, abs=0.01)
    assert row["ratio"] == pytest.approx(10, abs=0.01)
    assert "this figure is 10 x Yan et al., ISSCC 2022, 28 nm, 0.8 V, 1 x 8 bits" in found.sentence


def test_no_match_has_none(technology):
    found = compare_with_silicon(at(technology, 180, 1.8), 8, 8, pj_per_mac=50)
    assert found.rows == ()
    assert found.sentence == (
        "Published silicon: none of 40 points of digital chips has 180 nm and 1.8 V within 10 % "
        "and 8 x 8 bits, and no ratio is given; the nearest is Khodke et al., CICC 2023, 65 nm, 1 "
        "V, 8 x 8 bits, 3.33 pJ per MAC.")
    other = compare_with_silicon(at(technology, 180, 1.8), 5, 7, pj_per_mac=50).sentence
    assert other.endswith("65 nm, 1 V, 8 x 8 bits, 3.33 pJ per MAC.")
