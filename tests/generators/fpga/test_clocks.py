"""Dividers of clock generators keep the rules of the data sheets."""

import re

import pytest

from generators.errors import UserError
from generators.fpga.clocks import choose_pll


@pytest.mark.parametrize("wanted", [20_000_000, 24_000_000, 25_300_000, 48_000_000, 100_000_000])
def test_ice40(wanted):
    pll = choose_pll("ice40", 12_000_000, wanted)
    detector = 12e6 / (pll.reference + 1)
    oscillator = detector * (pll.feedback + 1)
    assert 10e6 <= detector <= 133e6
    assert 533e6 <= oscillator <= 1066e6
    assert pll.frequency_hz == int(oscillator / 2 ** pll.output) <= wanted
    assert wanted - pll.frequency_hz < 0.02 * wanted
    assert pll.filter_range == 1


@pytest.mark.parametrize("wanted", [10_000_000, 25_000_000, 50_000_000, 66_700_000, 120_000_000])
def test_ecp5(wanted):
    pll = choose_pll("ecp5", 25_000_000, wanted)
    detector = 25e6 / pll.reference
    assert detector >= 3.125e6
    assert 400e6 <= detector * pll.feedback * pll.output <= 800e6
    assert pll.frequency_hz == int(detector * pll.feedback) <= wanted
    assert wanted - pll.frequency_hz < 0.05 * wanted


@pytest.mark.parametrize(("family", "reference", "slowest"), [
    ("ice40", 12_000_000, "8.44"), ("ecp5", 25_000_000, "3.12")])
def test_too_slow(family, reference, slowest):
    with pytest.raises(UserError, match="^" + re.escape(
            "--frequency: 1 MHz is slower than the board's clock generator goes; "
            f"use {slowest} MHz or more") + "$"):
        choose_pll(family, reference, 1_000_000)
