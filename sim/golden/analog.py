"""Analog compute-in-memory, as integers: bit slices, digits, conversions, and what is not ideal.

Written from the definitions, for any number of vectors at once:

- An input of b bits has ``digits`` digits of d bits; a signed one has ``2**(digits * d - 1)`` added
  first, so that no digit is negative, and ``offset * sum(weights)`` is taken off its products.
- A weight has slices of c bits, and one for its sign bit; each slice has a physical column.
- For each digit and each group of A rows, a physical column adds up u * v, digit times slice: the
  column sum S. Its converter yields ``low + step * code``.
- The result is the sum of all conversions, each times the weights of its digit and its slice.
"""

from math import ceil

import numpy as np

__all__ = ["GAIN_BITS", "analog_product", "column_sums", "conversion_codes", "deviations", "mix",
           "noise_key"]

FRACTION_BITS = 8       # of an analog value
GAIN_BITS = 24          # of a converter's gain
SIGMA_BITS = 16         # of a standard deviation
GOLDEN_RATIO = 0x9E3779B9
THERMAL, OFFSET, GAIN, CELL = 1, 2, 3, 4
CHUNK = 1 << 12         # numbers of a matrix product's rows that a processor's cache holds


def mix(words):
    """A permutation of 32-bit words in which every bit of the result depends on every bit.

    It is Chris Wellons' ``lowbias32`` (https://nullprogram.com/blog/2018/07/31/).
    """
    words = np.atleast_1d(np.asarray(words)).astype(np.uint32)
    words ^= words >> np.uint32(16)
    words *= np.uint32(0x7FEB352D)
    words ^= words >> np.uint32(15)
    words *= np.uint32(0x846CA68B)
    words ^= words >> np.uint32(16)
    return words


def noise_key(seed, what):
    """The key of one kind of deviation: `THERMAL`, `OFFSET`, `GAIN` or `CELL`."""
    return int(mix(seed ^ int(mix(what)[0]))[0])


def deviations(key, number, index, sigma, fraction_bits):
    """Bell-shaped integers of mean 0, the same ones for the same arguments.

    The sum of three uniform numbers of 10 bits has a standard deviation of 512: twice that sum
    less its mean, of 1024.

    Parameters
    ----------
    key: int
        See `noise_key`.
    number, index: numpy.ndarray
        Of a column or a converter, and of a cell or a conversion; they broadcast.
    sigma: int
        Standard deviation times ``2**SIGMA_BITS``.
    fraction_bits: int
        The result is in units of ``2**-fraction_bits``.
    """
    words = mix((key + np.asarray(number) * GOLDEN_RATIO + index) & 0xFFFFFFFF).astype(np.int64)
    uniform = (words & 1023) + ((words >> 10) & 1023) + ((words >> 20) & 1023)
    shift = 10 + SIGMA_BITS - fraction_bits
    return ((2 * uniform - 3 * 1023) * sigma + (1 << (shift - 1))) >> shift


def conversion_codes(values, converter, adc_bits):
    """Codes of analog values, which are in units of ``2**-FRACTION_BITS`` of a column sum."""
    shift = GAIN_BITS + FRACTION_BITS
    scaled = (values - (converter.low << FRACTION_BITS)) * converter.gain
    return np.clip((scaled + (1 << (shift - 1))) >> shift, 0, (1 << adc_bits) - 1)


def weight_slices(weights, cell_bits):
    """For each physical column of a weight: its lowest bit, its bits, and what a 1 stands for."""
    magnitude = weights.bits - weights.signed
    slices = [(low, min(cell_bits, magnitude - low), 1 << low)
              for low in range(0, magnitude, cell_bits)]
    return [*slices, (magnitude, 1, -(1 << magnitude))] if weights.signed else slices


def input_digits(x, parameters, digits):
    """[digits, vectors, rows] of what the word lines see, the most significant digit first."""
    bits = parameters.dac_bits
    if parameters.inputs.signed:
        x = x + (1 << (digits * bits - 1))
    return np.stack([(x >> (place * bits)) & ((1 << bits) - 1)
                     for place in reversed(range(digits))])


def stored_slices(w, parameters):
    """[rows, physical columns] of what the cells of a tile store."""
    slices = weight_slices(parameters.weights, parameters.cell_bits)
    cells = np.stack([(w >> low) & ((1 << bits) - 1) for low, bits, _ in slices], axis=-1)
    return cells.reshape(len(w), -1)


def varied(cells, parameters, bank):
    """What the cells add for an input of 1, in analog units."""
    noise, rows, columns = parameters.noise, *np.indices(cells.shape)
    return cells * ((1 << FRACTION_BITS) + deviations(
        noise_key(noise.seed, CELL), columns, bank * parameters.rows + rows, noise.cell,
        FRACTION_BITS))


def column_sums(x, cells):
    """``x @ cells`` of numbers that are not negative, several columns to a machine word."""
    bits = int(x.max(initial=0) * cells.sum(axis=0).max(initial=0)).bit_length() + 1
    lanes = max(1, 62 // bits)
    words = ceil(cells.shape[1] / lanes)
    padded = np.zeros((len(cells), words * lanes), dtype=np.int64)
    padded[:, :cells.shape[1]] = cells
    shifts = np.arange(lanes) * bits
    packed = x @ (padded.reshape(-1, words, lanes) << shifts).sum(axis=2)
    sums = (packed[..., None] >> shifts) & ((1 << bits) - 1)
    return sums.reshape(len(x), -1)[:, :cells.shape[1]]


def analog_product(x, w, parameters, converter, *, digits=None, noise_seed=0, bank=0, first=0):
    """What an analog array makes of ``x @ w``, [..., vectors, columns].

    Parameters
    ----------
    x: numpy.ndarray
        [..., vectors, rows]. All that the leading axes count are seen by the same conversions.
    w: numpy.ndarray
        [rows, columns]: one tile, of no more rows and columns than the array has.
    parameters: AnalogCimParameters
    converter: compiler.converters.Converter
        Settings of the ADCs.
    digits: int or None
        Digits of an input; None: as many as the input format needs.
    noise_seed: int
        The job's part of the thermal noise's seed.
    bank: int
        The bank that holds the weights.
    first: int
        Conversions that each ADC has made before, since the start of the job.

    Raises
    ------
    ValueError
        For numbers that the array cannot hold, or settings that it cannot have.
    """
    p = parameters
    most = ceil(p.inputs.bits / p.dac_bits)
    digits = most if digits is None else digits
    _check(x, w, p, converter, digits, most)
    cells = stored_slices(w, p)
    if p.noise.cell:
        cells = varied(cells, p, bank)
    groups = [slice(start, start + p.rows_active) for start in range(0, len(w), p.rows_active)]
    slices = np.array([weight for _, _, weight in weight_slices(p.weights, p.cell_bits)])
    # A vector's conversions: by digit, then by group, then by the converter's slots.
    slots = p.columns_per_adc
    vector_conversions = digits * len(groups) * slots
    physical = np.arange(cells.shape[1])
    shape, x = x.shape, x.reshape(-1, len(w))
    order = first + np.arange(len(x)) % max(shape[-2], 1) * vector_conversions
    result = []
    for start in range(0, len(x), CHUNK):
        part, vectors = x[start:start + CHUNK], order[start:start + CHUNK, None]
        total = np.zeros((len(part), w.shape[1]), dtype=np.int64)
        for place, lines in enumerate(input_digits(part, p, digits)):
            total <<= p.dac_bits
            for number, group in enumerate(groups):
                step = (place * len(groups) + number) * slots
                values = _measured(column_sums(lines[:, group], cells[group]), p, noise_seed,
                                   physical, vectors + step + physical % slots)
                codes = conversion_codes(values, converter, p.adc_bits)
                numbers = converter.low + codes * converter.step
                total += numbers.reshape(len(part), -1, len(slices)) @ slices
        result.append(total)
    total = np.concatenate(result) if result else np.zeros((0, w.shape[1]), dtype=np.int64)
    if p.inputs.signed:
        total = total - (w.sum(axis=0) << (digits * p.dac_bits - 1))
    return total.reshape(*shape[:-1], -1)


def _measured(sums, parameters, noise_seed, physical, conversion):
    """Column sums as the converters see them: of columns that differ, with noise."""
    noise = parameters.noise
    if not noise.cell:
        sums = sums << FRACTION_BITS
    if noise.gain:
        gains = deviations(noise_key(noise.seed, GAIN), physical, 0, noise.gain, SIGMA_BITS)
        sums = (sums * ((1 << SIGMA_BITS) + gains)) >> SIGMA_BITS
    if noise.offset:
        sums = sums + deviations(noise_key(noise.seed, OFFSET), physical, 0, noise.offset,
                                 FRACTION_BITS)
    if noise.thermal:
        sums = sums + deviations(noise_key(noise.seed ^ noise_seed, THERMAL),
                                 physical // parameters.columns_per_adc, conversion,
                                 noise.thermal, FRACTION_BITS)
    return sums


def _check(x, w, parameters, converter, digits, most):
    p, bits = parameters, digits * parameters.dac_bits
    rows, columns = w.shape
    if not 1 <= digits <= most:
        raise ValueError(f"{digits} digits: inputs have 1 to {most}")
    if x.shape[-1] != rows or not 1 <= rows <= p.rows or not 1 <= columns <= p.columns:
        raise ValueError(f"{x.shape} by {w.shape} does not fit {p.rows} rows and {p.columns} "
                         "columns")
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if p.inputs.signed else (
        0, (1 << bits) - 1)
    low, high = max(low, p.inputs.min), min(high, p.inputs.max)
    for name, numbers, least, largest in (("inputs", x, low, high),
                                          ("weights", w, p.weights.min, p.weights.max)):
        if numbers.size and not least <= numbers.min() <= numbers.max() <= largest:
            raise ValueError(f"{name} from {numbers.min()} to {numbers.max()}: they go from "
                             f"{least} to {largest}")
    if not (0 <= converter.low <= p.highest_sum and 1 <= converter.step <= p.highest_step):
        raise ValueError(f"{converter}: low goes from 0 to {p.highest_sum}, step from 1 to "
                         f"{p.highest_step}")
