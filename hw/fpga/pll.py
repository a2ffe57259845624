"""Phase-locked loops of FPGAs, from a pin with a clock to a faster or slower one."""

from amaranth import Const, Instance, Module, Signal
from amaranth.lib import io

__all__ = ["ecp5_pll", "ice40_pll"]


def ecp5_pll(pin, pll, reference_hz, clock, locked):
    """Lattice's EHXPLLL with feedback from its output (FPGA-TN-02200).

    Parameters
    ----------
    pin: port of the platform
    pll: object with ``frequency_hz``, ``reference``, ``feedback`` and ``output``
    reference_hz: int
    clock, locked: Value
        Are driven.
    """
    m = Module()
    m.submodules.buffer = buffer = io.Buffer("i", pin)
    made = Signal()
    m.d.comb += clock.eq(made)
    m.submodules.pll = Instance(
        "EHXPLLL",
        a_FREQUENCY_PIN_CLKI=str(reference_hz / 1e6),
        a_FREQUENCY_PIN_CLKOP=str(pll.frequency_hz / 1e6),
        a_ICP_CURRENT="12", a_LPF_RESISTOR="8", a_MFG_ENABLE_FILTEROPAMP="1",
        a_MFG_GMCREF_SEL="2",
        p_PLLRST_ENA="DISABLED", p_INTFB_WAKE="DISABLED", p_STDBY_ENABLE="DISABLED",
        p_DPHASE_SOURCE="DISABLED", p_OUTDIVIDER_MUXA="DIVA", p_OUTDIVIDER_MUXB="DIVB",
        p_OUTDIVIDER_MUXC="DIVC", p_OUTDIVIDER_MUXD="DIVD", p_FEEDBK_PATH="CLKOP",
        p_CLKI_DIV=pll.reference, p_CLKFB_DIV=pll.feedback, p_CLKOP_DIV=pll.output,
        p_CLKOP_ENABLE="ENABLED", p_CLKOP_CPHASE=pll.output // 2, p_CLKOP_FPHASE=0,
        i_RST=Const(0), i_STDBY=Const(0), i_CLKI=buffer.i, i_CLKFB=made,
        i_PHASESEL0=Const(0), i_PHASESEL1=Const(0), i_PHASEDIR=Const(1), i_PHASESTEP=Const(1),
        i_PHASELOADREG=Const(1), i_PLLWAKESYNC=Const(0), i_ENCLKOP=Const(0),
        o_CLKOP=made, o_LOCK=locked)
    return m


def ice40_pll(pin, pll, reference_hz, clock, locked):
    """Lattice's SB_PLL40_PAD with simple feedback (FPGA-TN-02052); parameters as of `ecp5_pll`."""
    m = Module()
    m.submodules.pll = Instance(
        "SB_PLL40_PAD",
        p_FEEDBACK_PATH="SIMPLE", p_DIVR=Const(pll.reference, 4), p_DIVF=Const(pll.feedback, 7),
        p_DIVQ=Const(pll.output, 3), p_FILTER_RANGE=Const(pll.filter_range, 3),
        i_PACKAGEPIN=pin.io, i_RESETB=Const(1), i_BYPASS=Const(0),
        o_PLLOUTGLOBAL=clock, o_LOCK=locked)
    return m
