"""From what the user asks for to what the hardware is built from."""

from math import gcd

from hw.descriptor import descriptor_words
from hw.formats import NumberFormat, range_format
from hw.parameters import CoreParameters, Dataflow, Overflow

from .engines import ENGINE_KINDS
from .errors import UserError
from .keywords import VERILOG_KEYWORDS
from .sections import verilog_identifier

__all__ = ["derive"]


def derive(config):
    """The hardware parameters of a configuration, after its cross-checks.

    Parameters
    ----------
    config: AcceleratorConfig
        A configuration whose single values are valid.

    Returns
    -------
    CoreParameters

    Raises
    ------
    UserError
        With every cross-check that failed.
    """
    kind, formats = ENGINE_KINDS[config.engine.kind], _formats(config.precision)
    problems = list(kind.problems(config.engine, formats))
    engine = kind.derive(config.engine, formats)
    problems += [*_name_problems(config.name), *_accumulator_problems(config.precision, engine),
                 *_lane_problems(config, engine), *_depth_problems(config.memories)]
    if problems:
        raise UserError(problems)
    parameters = CoreParameters(
        name=config.name,
        engine=engine,
        word_lanes=config.word_lanes or gcd(*_lanes(engine)),
        post_lanes=config.post_processing.lanes,
        multiplier_bits=config.post_processing.multiplier_bits,
        requantize_cycles=config.post_processing.cycles,
        prefetch=config.prefetch,
        **config.memories.model_dump(),
    )
    if problems := list(_capacity_problems(parameters)):
        raise UserError(problems)
    return parameters


def _formats(precision):
    formats = {name: NumberFormat.parse(getattr(precision, name))
               for name in ("inputs", "weights", "accumulator")}
    return formats | {"overflow": precision.overflow}


def _name_problems(name):
    if not verilog_identifier(name):
        yield (f"name: {name!r} is not a Verilog identifier; use letters, digits and single "
               "underscores, a letter first")
    elif name in VERILOG_KEYWORDS:
        yield f"name: {name!r} is a word of the Verilog language; choose another name"


def _accumulator_problems(precision, engine):
    inputs, sums = engine.inputs, engine.accumulator
    if not sums.min <= inputs.min <= inputs.max <= sums.max:
        # Maxima go through the accumulators as they are.
        yield (f"precision.accumulator: {sums} does not hold every {inputs}; use "
               f"{range_format(inputs.min, inputs.max)} or wider")
    needed = engine.sum_format(precision.reduction)
    if precision.overflow is Overflow.ERROR and needed.bits > engine.accumulator.bits:
        products = "product" if precision.reduction == 1 else "products"
        need = "needs" if precision.reduction == 1 else "need"
        yield (f"precision.accumulator: {engine.accumulator} can overflow; {precision.reduction} "
               f"{products} of {engine.inputs} x {engine.weights} {need} {needed}")


def _lanes(engine):
    """Lanes of inputs and of outputs, the same in all dataflows."""
    geometry = engine.geometry(engine.dataflows[0])
    return geometry.input_lanes, geometry.output_lanes


def _lane_problems(config, engine):
    inputs, columns = _lanes(engine)
    word, post = config.word_lanes, config.post_processing.lanes
    if word and gcd(inputs, columns) % word:
        what = "rows" if inputs == engine.rows else "channels per beat"
        yield (f"word_lanes: {word} does not divide {inputs} {what} and {columns} columns; "
               f"use a divisor of {gcd(inputs, columns)}")
    if not engine.keeps_pace and config.post_processing.cycles > 1:
        yield (f"post_processing.cycles: {config.post_processing.cycles} are too many for this "
               "engine, whose vectors follow each other in every cycle; use 1")
    if not engine.keeps_pace and post != columns:
        yield (f"post_processing.lanes: {post} are not enough for this engine, whose vectors "
               f"follow each other in every cycle; use its {columns} columns")
    elif columns % post:
        *most, last = [str(n) for n in range(1, columns + 1) if columns % n == 0]
        divisors = f"{', '.join(most)} or {last}" if most else last
        yield f"post_processing.lanes: {post} does not divide {columns} columns; use {divisors}"


def _depth_problems(memories):
    for name, words in memories:
        if words & (words - 1):
            lower = 1 << (words.bit_length() - 1)
            yield (f"memories.{name}: {words} is not a power of two; "
                   f"use {lower} or {2 * lower}")


def _capacity_problems(parameters):
    """Every memory must hold the smallest piece of work: one tile."""
    engine, flows = parameters.engine, parameters.dataflows
    squares = parameters.pixels_are_lanes
    # An output-stationary array takes its reduction in blocks of as many steps as it has rows.
    weights = max(engine.geometry(flow).stationary_beats or engine.rows for flow in flows)
    # Vectors of one result tile: an output-stationary array drains whole, and the transposer
    # behind lanes of pixels works on squares.
    results = (engine.columns if squares
               else engine.rows if Dataflow.OUTPUT_STATIONARY in flows else 1)
    vectors = engine.columns if squares else 1
    job = descriptor_words(parameters)
    half = max(2 * parameters.banks, vectors * parameters.input_words)
    minima = {
        "activation_words": (2 * half, f"two halves of {half} words, one tile of activations each"),
        "weight_words": (weights, f"{weights} words, one tile of weights"),
        "accumulator_words": (results, f"{results} words, one tile of results"),
        "parameter_words": (parameters.post_beats,
                            f"{parameters.post_beats} words, the parameters of one vector"),
        "program_words": (job, f"{job} words, one job"),
    }
    for name, (least, reason) in minima.items():
        words = getattr(parameters, name)
        if words < least:
            yield (f"memories.{name}: {words} is too small for {reason}; "
                   f"use {1 << (least - 1).bit_length()} or more")
