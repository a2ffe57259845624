"""Arrays of one row, small enough to be mapped, recorded and replayed in seconds."""

from dataclasses import replace

from compiler.workload import load_workload
from ergon.run import core_formats

TEXT = """\
version: 1
name: ws_1x{columns}_{numbers}
description: One row of elements

engine:
  kind: systolic
  dataflow: weight_stationary
  rows: 1
  columns: {columns}

precision:
  inputs: {numbers}
  weights: {numbers}
  accumulator: int24
  overflow: error
  reduction: 1024

memories:
  activation_words: 512
  weight_words: 128
  accumulator_words: 128
  parameter_words: 16
  program_words: 128

post_processing:
  lanes: 1
  multiplier_bits: 32
"""


def one_row(folder, columns, numbers="int4"):
    """The file of a core with a row of so many elements."""
    path = folder / f"ws_1x{columns}_{numbers}.yaml"
    path.write_text(TEXT.format(columns=columns, numbers=numbers))
    return path


def products(core, *shapes):
    """Chains of one matrix product each, called a, b, c and so on."""
    formats = core_formats(core.parameters)
    return [replace(load_workload(f"gemm:{m}x{k}x{n}", seed, formats), name=name)
            for seed, (name, (m, k, n)) in enumerate(zip("abcdef", shapes, strict=False))]
