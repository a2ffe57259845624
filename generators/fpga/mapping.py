"""What of a core goes where on an FPGA: multipliers to DSP blocks, memories to SPRAM."""

from collections import Counter
from dataclasses import replace

from hw.fpga import family_cells, multiplier_blocks
from hw.fpga.ice40 import spram_blocks
from hw.multiplier import Multiplier, MultiplierKind
from hw.sram import SinglePortSram
from hw.systolic.parameters import SystolicParameters

__all__ = ["cells_for", "mapped_to"]

# A block of an iCE40's block RAM: smaller memories are no reason to spend SPRAM.
BLOCK_RAM_BITS = 4096
# DSP blocks that Yosys takes for a requantizer's multiplier of 32 bits.
REQUANTIZE_BLOCKS = 4


def mapped_to(parameters, config, device):
    """A core with as many rows of its array in DSP blocks as a device has room for.

    Only where the configuration leaves it open (``engine.arithmetic: auto``).

    Parameters
    ----------
    parameters: CoreParameters
    config: AcceleratorConfig
    device: Device
    """
    engine = parameters.engine
    if not isinstance(engine, SystolicParameters) or engine.multiplier_latency is None or (
            config.engine.arithmetic != "auto"):
        return parameters
    by_input = engine.geometry(engine.dataflows[0]).stationary == "inputs"
    operands = (engine.weights, engine.inputs) if by_input else (engine.inputs, engine.weights)
    multiplier = Multiplier(*operands, engine.ways,
                            MultiplierKind(engine.multiplier_latency, dsp=True))
    row = engine.element_columns * multiplier_blocks(device.family, multiplier)
    taken = 0 if parameters.requantize_cycles > 1 else REQUANTIZE_BLOCKS * parameters.post_lanes
    rows = max(0, device.has["DSPs"] - taken) // row
    return replace(parameters, engine=replace(engine, dsp_rows=min(engine.rows, rows)))


def cells_for(device, components):
    """What `generators.verilog.convert` takes to use a device's own cells.

    The largest single-port memories go into SPRAM as long as there is any.

    Parameters
    ----------
    device: Device
    components: list of dict
        Of the core's manifest.
    """
    left, chosen = device.has.get("SPRAMs", 0), set()
    placed = Counter()
    srams = {}
    for component in components:
        if component["kind"] == "sram" and component["parameters"]["ports"] == "1rw":
            parameters = component["parameters"]
            placed[component["module"]] += 1
            srams[component["module"]] = SinglePortSram(
                parameters["depth"], parameters["width"], parameters["granularity"])
    for module in sorted(srams, key=lambda name: -placed[name] * srams[name].depth
                         * srams[name].width):
        sram, blocks = srams[module], placed[module] * spram_blocks(srams[module])
        if 0 < blocks <= left and sram.depth * sram.width > BLOCK_RAM_BITS:
            left -= blocks
            chosen.add(module)
    return family_cells(device.family, chosen)
