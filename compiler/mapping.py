"""One tile on one dataflow: its descriptor, and what it will cost."""

from generators.derive import Dataflow

from .converters import converter_fields
from .cost import job_accesses, job_cycles
from .program import LOOPS, Full, Job
from .schedules import SCHEDULES
from .tile import ceil_div, used_rows

__all__ = ["make_job", "tile_cycles"]


def tile_cycles(tile, flow, core, encoding, bases):
    """Cycles of a tile as one job, be it too large for that or not."""
    return job_cycles(SCHEDULES[flow].map(tile, core, bases), core, encoding["latency"])


def make_job(tile, flow, core, encoding, bases):
    """The `Job` of a tile whose data lie at ``bases``; `Full` if a loop is too long for one."""
    mapping = SCHEDULES[flow].map(tile, core, bases)
    return Job(layer=tile.layer.name, dataflow=flow.value,
               fields=_fields(mapping, core, encoding, bases),
               cycles=job_cycles(mapping, core, encoding["latency"]),
               accesses=job_accesses(mapping, core, bases), macs=tile.macs,
               mapping=mapping)


def _fields(mapping, core, encoding, bases):
    """Descriptor fields by their manifest names."""
    tile, layer, dims = mapping.tile, mapping.tile.layer, encoding["nests"]
    limit = 1 << core.bound_bits
    fields = {}

    def indexed(name, numbers):
        fields.update({f"{name}.{index}": number for index, number in enumerate(numbers)})

    def nest(unit, loops, marks, addresses):
        for loop in loops.loops:
            if loop.bound > limit:
                raise Full(LOOPS, loop.bound - limit)
        indexed(f"{unit}.bounds", loops.bounds(dims[unit]))
        for name, (base, deltas) in addresses.items():
            fields[f"{unit}.{base}"] = loops.bases[name]
            indexed(f"{unit}.{deltas}", loops.deltas(name, dims[unit]))
        for mark, names in marks.items():
            fields[f"{unit}.{mark}_mask"] = loops.mask(names, dims[unit])

    def marks(unit):
        return {mark.split(".")[1]: names for mark, names in mapping.marks.items()
                if mark.startswith(f"{unit}.")}

    address = {"address": ("base", "deltas")}
    coordinates = {"y": ("y", "y_deltas"), "x": ("x", "x_deltas")}
    nest("inputs", mapping.inputs, marks("inputs"), address | coordinates)
    nest("weights", mapping.weights, marks("weights"), address)
    nest("accumulate", mapping.accumulate,
         {"first": ("reduction",), "final": ("reduction",)}, address)
    pad = core.engine.inputs.min if layer.kind == "max_pool2d" else layer.input_zero_point
    interval = core.post_cycles - 1 if tile.to_post else 0
    outputs = SCHEDULES[mapping.flow].outputs_per_admission(mapping)
    used, tail = used_rows(tile, core.engine.geometry(mapping.flow))
    fields |= {
        "inputs.height": bases.inputs.height, "inputs.width": bases.inputs.width,
        "inputs.pad": pad,
        "accumulate.maximum": int(layer.kind == "max_pool2d"),
        "accumulate.to_post": int(tile.to_post), "accumulate.existing": int(tile.existing),
    }
    # What any engine may have to be told; each has some of it in its descriptor.
    choices = {
        "engine.output_stationary": int(mapping.flow is Dataflow.OUTPUT_STATIONARY),
        "engine.active_rows": outputs - 1, "engine.interval": interval,
        "engine.occupancy": outputs * (interval + 1) - 1,
    } | {f"engine.{name}": value for name, value in core.engine.choices(
        used, tail, layer.input_bits(core.engine.inputs)).items()}
    present = {field["name"] for field in encoding["fields"]}
    if "engine.adc_step" in present:
        choices |= converter_fields(tile, core.engine)
    choices |= SCHEDULES[mapping.flow].engine_fields(mapping)
    fields |= {name: value for name, value in choices.items() if name in present}
    if mapping.post:
        requantization = layer.requantization
        placed = address | {"parameter": ("parameter_base", "parameter_deltas")}
        if core.post_coordinate_bits:
            placed |= coordinates
            fields |= {"post.height": tile.height, "post.width": tile.width}
        nest("post", mapping.post, {"parameter": mapping.marks["parameter"],
                                    "tail": mapping.marks["tail"]}, placed)
        fields |= {
            "post.tail_words": tail_words(tile, core),
            "post.output_zero_point": requantization.output_zero_point,
            "post.clamp_min": requantization.clamp_min, "post.clamp_max": requantization.clamp_max,
        }
    return fields


def tail_words(tile, core):
    """Activation words in a pixel's last vector."""
    columns = core.output_lanes
    last = tile.channels - (ceil_div(tile.channels, columns) - 1) * columns
    return ceil_div(last, core.word_lanes)
