"""Dividers of an FPGA's phase-locked loop, for a clock as near below a wish as they allow."""

from dataclasses import dataclass

from ..errors import UserError

__all__ = ["Pll", "choose_pll"]


@dataclass(frozen=True)
class Pll:
    """How a loop makes a clock out of another one.

    Parameters
    ----------
    frequency_hz: int
        Of the clock that it makes.
    reference, feedback, output: int
        Dividers of the reference, of the feedback and of the oscillator's output; as the FPGA's
        primitive wants them.
    filter_range: int or None
        An iCE40's loop filter.
    """

    frequency_hz: int
    reference: int
    feedback: int
    output: int
    filter_range: int | None = None


def choose_pll(family, reference_hz, wanted_hz):
    """The `Pll` whose clock is the fastest that is not faster than wanted.

    ECP5 (EHXPLLL, feedback from its output): reference / R * F, the oscillator at O times that
    between 400 and 800 MHz, the phase detector above 3.125 MHz (FPGA-TN-02200).
    iCE40 (SB_PLL40, simple feedback): reference / (R + 1) * (F + 1) / 2**O, the oscillator between
    533 and 1066 MHz, the phase detector between 10 and 133 MHz (FPGA-TN-02052).

    Parameters
    ----------
    family: str
    reference_hz, wanted_hz: int
    """
    choices = (_ecp5 if family == "ecp5" else _ice40)(reference_hz)
    fitting = [pll for pll in choices if pll.frequency_hz <= wanted_hz]
    if not fitting:
        slowest = min(pll.frequency_hz for pll in choices)
        raise UserError(f"--frequency: {wanted_hz / 1e6:g} MHz is slower than the board's clock "
                        f"generator goes; use {slowest / 1e6:.3g} MHz or more")
    return max(fitting, key=lambda pll: (pll.frequency_hz, -pll.reference))


def _ecp5(reference_hz):
    return [Pll(reference_hz * feedback // reference, reference, feedback, output)
            for reference in range(1, 17) if reference_hz / reference >= 3.125e6
            for feedback in range(1, 81)
            for output in range(1, 129)
            if 400e6 <= reference_hz / reference * feedback * output <= 800e6]


def _ice40(reference_hz):
    return [Pll(reference_hz * (feedback + 1) // (reference + 1) >> output, reference, feedback,
                output, _filter_range(reference_hz / (reference + 1)))
            for reference in range(16) if 10e6 <= reference_hz / (reference + 1) <= 133e6
            for feedback in range(128)
            for output in range(1, 7)
            if 533e6 <= reference_hz / (reference + 1) * (feedback + 1) <= 1066e6]


def _filter_range(detector_hz):
    limits = (17e6, 26e6, 44e6, 66e6, 101e6)
    return 1 + sum(detector_hz >= limit for limit in limits)
