"""Random cores and layers from a seed: every draw comes from the `random.Random` that is passed."""

from generators.errors import UserError
from hw.formats import NumberFormat
from hw.parameters import Dataflow, EngineParameters, Overflow
from hw.serial_requantize import SERIAL_CYCLES

from .harness import Core, compiled, workload

__all__ = ["LAYERS", "random_core", "random_tasks"]

LAYERS = 4
REDUCTION = 160                 # declared and kept
VECTOR_CYCLES = 64              # at most, in post-processing; a layer may take a few of them more
SEGMENTS = 12                   # of one layer; more is drawn again, so that simulations stay short
KINDS = ("gemm", "linear", "conv2d", "depthwise_conv2d", "average_pool2d", "max_pool2d")
WINDOWED = KINDS[2:]


def random_core(random, name, engine):
    """A small core with memories that hardly hold the smallest tile, or a few times that.

    ``engine`` is a `RandomEngine`.
    """
    precision = _precision(random, *engine.bits)
    if precision["overflow"] == "saturate" and not engine.saturates:
        precision["overflow"] = "wrap"
    if precision["overflow"] == "error" and engine.wide_sums:
        precision["accumulator"] = "int32"
    section = engine.draw(random, *(NumberFormat.parse(precision[operand])
                                    for operand in ("inputs", "weights")))
    rows, columns = engine.lanes(section)
    config = {
        "name": name,
        "engine": section,
        "precision": precision,
        "memories": dict.fromkeys(MEMORIES, 2),
        "post_processing": _post_processing(random, columns, engine),
        "prefetch": random.random() < 0.7,
    }
    if random.random() < 0.5:
        both = [lanes for lanes in _divisors(rows) if columns % lanes == 0]
        config["word_lanes"] = random.choice(both)
    _grow_to_minimum(config)
    for memory in MEMORIES:
        config["memories"][memory] *= random.choice([1, 2, 4, 16])
    _grow_to_minimum(config)        # deeper memories make longer descriptors
    return Core.of(config)


MEMORIES = ("activation_words", "weight_words", "accumulator_words", "parameter_words",
            "program_words")


def _divisors(number):
    return [divisor for divisor in range(1, number + 1) if number % divisor == 0]


def _precision(random, least_bits, most_bits):
    """Formats; the accumulator holds the inputs at least, and every sum if it may not overflow."""
    inputs, weights = (NumberFormat(random.randint(least_bits, most_bits), random.random() < 0.5)
                       for _ in range(2))
    overflow = random.choice(["error", "saturate", "wrap"])
    needed = EngineParameters(
        rows=1, columns=1, inputs=inputs, weights=weights, accumulator=NumberFormat(32, True),
        overflow=Overflow.ERROR).sum_format(REDUCTION).bits
    if needed > 32 and overflow == "error":
        overflow = "wrap"
    least = needed if overflow == "error" else inputs.bits + (not inputs.signed)
    bits = random.randint(least, min(32, needed + 2) if needed <= 32 else 32)
    return {"inputs": str(inputs), "weights": str(weights), "accumulator": f"int{bits}",
            "overflow": overflow, "reduction": REDUCTION}


def _post_processing(random, columns, engine):
    """Lanes of every kind; where vectors follow each other in every cycle, those that keep up."""
    lanes = random.choice(_divisors(columns) if engine.keeps_pace else [columns])
    section = {"lanes": lanes, "multiplier_bits": random.randint(8, 32)}
    serial = [cycles for cycles in SERIAL_CYCLES if columns // lanes * cycles <= VECTOR_CYCLES]
    if engine.keeps_pace and serial and random.random() < 0.4:
        section["cycles"] = random.choice(serial)
    return section


def _grow_to_minimum(config):
    """Double the memories that `derive` calls too small until it is content."""
    while True:
        try:
            _ = Core.of(config).parameters
            return
        except UserError as error:
            for message in error.messages:
                memory = message.split(":")[0].removeprefix("memories.")
                config["memories"][memory] *= 2


def random_tasks(random, core, engine, folder):
    """`LAYERS` layers of different kinds: each alone, or one after the other as a network.

    ``engine`` is the `RandomEngine` of the core.
    """
    # Pooling multiplies by one, which int1 does not hold.
    pools = core.parameters.engine.weights.max > 0
    kinds = random.sample([kind for kind in KINDS if pools or not kind.endswith("pool2d")], LAYERS)
    if random.random() < 0.4:
        return [_random_task(random, core, engine.cycles, kinds, "network", folder)]
    return [_random_task(random, core, engine.cycles, [kind], kind, folder) for kind in kinds]


def _random_task(random, core, cycles, kinds, name, folder):
    """A task within the limits; a layer that cannot be, such as one without outputs, is redrawn.

    A core that `derive` accepts holds a tile of any layer, and the compiler may refuse none, but
    for saturating arrays whose sums must not be cut.
    """
    saturates = core.parameters.engine.overflow is Overflow.SATURATE
    flows = (None, *core.parameters.dataflows)
    layers = len(kinds)
    cycles += 16 * core.parameters.post_cycles
    for _ in range(1000):
        document = _random_document(random, core, kinds, name)
        dataflow = random.choice(flows)
        try:
            drawn = workload(core, document, seed=random.getrandbits(32), folder=folder)
        except UserError:
            continue
        if max(layer.reduction for layer in drawn.layers) > REDUCTION:
            continue
        try:
            task = compiled(core, drawn, dataflow=dataflow, keep=random.random() < 0.7)
        except UserError:
            if saturates and Dataflow.OUTPUT_STATIONARY in flows:
                continue
            raise
        program = task.program
        if program.cycles <= layers * cycles and len(program.segments) <= layers * SEGMENTS:
            return task
    raise AssertionError(f"no random layers of {kinds} fit {core.parameters}")


def _random_document(random, core, kinds, name):
    engine = core.parameters.engine
    extent = random.choice([2, 4, 7])
    shape = {"height": random.randint(1, extent), "width": random.randint(1, extent),
             "channels": random.randint(1, 2 * engine.rows + 3)}
    entries = [_random_layer(random, engine, kind, f"{name}_{number}", last=kind is kinds[-1])
               for number, kind in enumerate(kinds)]
    images = random.choice([1, 1, 2])
    return {"name": name, "input": shape, "images": images, "layers": entries}


def _random_layer(random, engine, kind, name, *, last):
    entry = {"name": name, "kind": kind}
    if kind in ("gemm", "linear", "conv2d"):
        entry["channels"] = random.randint(1, 2 * engine.columns + 3)
    if kind in WINDOWED:
        entry["kernel"] = [random.randint(1, 3), random.randint(1, 3)]
        entry["strides"] = [random.randint(1, 3), random.randint(1, 3)]
        entry["padding"] = random.choice(
            ["valid", "same", [random.randint(0, 2) for _ in range(4)]])
    if kind in ("conv2d", "depthwise_conv2d"):
        entry["dilation"] = [random.randint(1, 2), random.randint(1, 2)]
    if kind == "depthwise_conv2d":
        entry["depth_multiplier"] = random.choice([1, 1, 2, 3])
    if not kind.endswith("pool2d"):
        entry["activation"] = random.choice(["none", "relu"])
        entry["raw"] = last and random.random() < 0.4
    return entry
