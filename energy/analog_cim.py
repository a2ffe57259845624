"""Prices analog compute-in-memory: lines of the cells, and converters."""

from .cim_actions import Action

__all__ = ["ANALOG_ACTIONS"]


def _conversions(run, path):
    """Conversions of each converter around this component: one in every step of its group."""
    return run.cycles(f"{path.rpartition('.')[0]}.add")


def _analog_word_lines(run, path, parameters):
    """Lines stay up while the converter serves all of its columns; a digit counts by its bits."""
    energy = run.technology.cell_line_pj * parameters["columns"]
    pulses = (run.cycles(f"{path}.lines") / parameters["columns"] / parameters["dac_bits"])
    return pulses, pulses * energy, pulses * energy


def _bit_lines(run, path, parameters):
    energy = run.technology.cell_line_pj * parameters["rows"]
    sums = _conversions(run, path)
    return sums, sums * energy, sums * energy


def _analog_writes(run, path, parameters):
    energy = run.technology.sram.write_pj(parameters["rows"] * parameters["banks"],
                                         parameters["columns"] * parameters["cell_bits"])
    writes = run.cycles(f"{path}.write_banks")
    return writes, writes * energy, writes * energy


def _input_converters(run, path, parameters):
    """A bit that is 1 charges its capacitor; the line holds while converters serve columns."""
    served = run.parameters(path.rpartition(".")[0])["columns_per_adc"]
    bits = run.cycles(f"{path}.lines") / served if parameters["dac_bits"] > 1 else 0
    energy = bits * run.technology.cim("dac_bit").value
    return bits, energy, energy


def _output_converters(run, path, parameters):
    conversions = _conversions(run, path)
    energy = conversions * run.technology.adc_pj(parameters["bits"])
    return conversions, energy, energy


def _scaling(run, path, parameters):
    """``low + code * step`` behind a converter; a step of one bit needs no multiplier."""
    group = path.rpartition(".")[0]
    step = run.activity.net(f"{group}.step").bits
    energy = run.technology.adder_pj(run.parameters(f"{group}.shift_add_0")["number_bits"])
    if step > 1:
        energy += run.technology.multiplier_pj(parameters["bits"], step)
    conversions = _conversions(run, path)
    return conversions, conversions * energy, run.random_words(f"{path}.code") * energy


def _weight_sums(run, path, parameters):
    sums = run.cycles(f"{path}.write_banks")
    energy = sums * run.technology.adder_pj(parameters["bits"])
    return sums, energy, energy


ANALOG_ACTIONS = (
    Action("analog_columns", "word lines", "pulses", _analog_word_lines, "cell_line"),
    Action("analog_columns", "bit lines", "sums", _bit_lines, "cell_line"),
    Action("analog_columns", "writes", "writes", _analog_writes),
    Action("word_lines", "converters", "bits", _input_converters, "dac_bit"),
    Action("analog_adc", "conversions", "conversions", _output_converters, "adc_step"),
    Action("analog_adc", "scaling", "operations", _scaling),
    Action("weight_sum", "adders", "sums", _weight_sums),
)
