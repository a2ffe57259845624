"""What a configuration amounts to: the derived figures that `ergon check` prints."""

from hw.descriptor import descriptor_words

__all__ = ["summary"]

BIAS_BITS, SHIFT_BITS = 32, 6


def summary(parameters):
    """Derived figures of a core in plain types.

    Parameters
    ----------
    parameters: CoreParameters
    """
    engine = parameters.engine
    return {
        "name": parameters.name,
        "dataflows": [flow.value for flow in parameters.dataflows],
        "rows": engine.rows,
        "columns": engine.columns,
        "inputs": str(engine.inputs),
        "weights": str(engine.weights),
        "accumulator": str(engine.accumulator),
        "overflow": engine.overflow.value,
        "partial_sums": [str(number) for number in engine.row_sums],
        "word_lanes": parameters.word_lanes,
        "activation_banks": 2 * parameters.banks,
        "post_processing_lanes": parameters.post_lanes,
        "post_processing_cycles_per_result": parameters.requantize_cycles,
        "post_processing_cycles_per_vector": parameters.post_cycles,
        "multiplier_bits": parameters.multiplier_bits,
        "descriptor_words": descriptor_words(parameters),
        "memories": _memories(parameters),
        "peak_macs_per_cycle": parameters.geometry.macs_per_cycle,
    }


def _memories(parameters):
    """Words, bits per word and bytes of each memory."""
    engine = parameters.engine
    channel = BIAS_BITS + parameters.multiplier_bits + SHIFT_BITS
    shapes = {
        "activations": (parameters.activation_words, parameters.word_lanes * engine.inputs.bits),
        "weights": (parameters.weight_words, parameters.weight_lanes * engine.weights.bits),
        "accumulators": (parameters.accumulator_words, engine.columns * engine.accumulator.bits),
        "parameters": (parameters.parameter_words, parameters.post_lanes * channel),
        "program": (parameters.program_words, 32),
    }
    return {name: {"words": words, "bits_per_word": bits, "bytes": words * bits // 8}
            for name, (words, bits) in shapes.items()}
