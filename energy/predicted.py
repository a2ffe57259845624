"""Energy of an analog compute-in-memory run from predicted actions, without a simulation.

Each action has its fixed energy, the one that stands beside the activity-scaled figure in a report.
Registers and control are left out: nothing counts what they do before a simulation.
"""

from math import ceil

from .parts import Part

__all__ = ["predicted_parts"]

_BIAS_BITS = 32     # requantization works in 32 bits, as LiteRT does
_SHIFT_BITS = 6


def predicted_parts(core, program, ones, technology):
    """The `Part` list of all runs of a program.

    Parameters
    ----------
    core: CoreParameters
        Of a core with an analog engine.
    program: compiler.program.Program
    ones: int
        Bits that are 1 in the digits of all vectors that pass the word lines.
    technology: Technology
    """
    engine = core.engine
    jobs = [job for segment in program.segments for job in segment.jobs]
    vectors = sum(job.mapping.accumulate.elements for job in jobs)
    results = sum(job.mapping.post.elements for job in jobs if job.mapping.post)
    converted = engine.adcs * sum(job.mapping.accumulate.elements * job.mapping.vector_cycles
                                  for job in jobs)
    # Converters that serve slices of the same weight.
    together = max(1, len(engine.slices) // engine.columns_per_adc)
    rows = program.accesses["weights"][0]
    line = technology.cell_line_pj
    number = scaling = technology.adder_pj(engine.value_bits)
    if engine.step_bits > 1:
        scaling += technology.multiplier_pj(engine.adc_bits, engine.step_bits)
    requantize = (technology.multiplier_pj(_BIAS_BITS, core.multiplier_bits)
                  + 2 * technology.adder_pj(_BIAS_BITS))

    def part(kind, name, unit, actions, energy_pj, constant=None, factor=None):
        factor = factor or (technology.cim(constant) if constant else technology).error_factor
        return Part(path="", kind=kind, part=name, count=1, unit=unit, actions=actions,
                    fixed_pj=actions * energy_pj, activity_pj=actions * energy_pj,
                    error_factor=factor)

    return [
        part("analog_columns", "word lines", "pulses", engine.adcs * ones / engine.dac_bits,
             line * engine.columns_per_adc, "cell_line"),
        part("analog_columns", "bit lines", "sums", converted, line * engine.rows, "cell_line"),
        part("analog_columns", "writes", "writes", engine.adcs * rows, technology.sram.write_pj(
            engine.rows * engine.banks, engine.columns_per_adc * engine.cell_bits)),
        part("word_lines", "converters", "bits", ones if engine.dac_bits > 1 else 0,
             technology.cim("dac_bit").value, "dac_bit"),
        part("analog_adc", "conversions", "conversions", converted,
             technology.adc_pj(engine.adc_bits), "adc_step"),
        part("analog_adc", "scaling", "operations", converted, scaling),
        part("shift_accumulate", "adders", "sums", converted // together,
             (together - 1) * number + technology.adder_pj(engine.partial_sum.bits)),
        part("weight_sum", "adders", "sums", rows * engine.columns,
             technology.adder_pj(engine.weight_sum.bits)),
        part("accumulate_lane", "adder", "operations", vectors * core.output_lanes,
             technology.adder_pj(engine.accumulator.bits)),
        part("requantize", "arithmetic", "operations", results * core.output_lanes, requantize),
        *(part("sram", name, "accesses", sum(program.accesses[name]), energy, factor=factor)
          for name, (energy, factor) in _accesses(core, program, technology.sram).items()),
    ]


def _shapes(core):
    """Depths and widths of the SRAMs that take turns in the accesses of each memory."""
    engine = core.engine
    return {
        "activations": [(ceil(core.activation_words / (2 * core.banks)),
                         core.word_lanes * engine.inputs.bits)],
        "weights": [(core.weight_words, core.weight_lanes * engine.weights.bits)],
        "accumulators": [(core.accumulator_words, core.output_lanes * engine.accumulator.bits)],
        # One access to each of the three SRAMs.
        "parameters": [(core.parameter_words, core.post_lanes * bits)
                       for bits in (_BIAS_BITS, core.multiplier_bits, _SHIFT_BITS)],
        "program": [(core.program_words, 32)],
    }


def _accesses(core, program, sram):
    """Energy per access of each memory, the mean of what was done, and the widest of its errors."""
    found = {}
    for name, shapes in _shapes(core).items():
        reads, writes = program.accesses[name]
        energy = sum(reads * sram.read_pj(*shape) + writes * sram.write_pj(*shape)
                     for shape in shapes) / (len(shapes) * max(1, reads + writes))
        found[name] = energy, max(factor(*shape) for shape in shapes
                                  for factor in (sram.read_factor, sram.write_factor))
    return found
