"""The systolic engine: a mesh with its edges, and the control that admits operands to it."""

from functools import partial, reduce
from operator import or_

from amaranth import Cat, Module, Signal, Value
from amaranth.lib import data

from ..engine_members import engine_members
from ..multiplier import pipeline
from ..parameters import Dataflow
from ..stamp import Stamped, StampedComponent
from .control import OutputControl, StationaryControl
from .element import down
from .mesh import Column, Mesh
from .pe import OutputStationaryPE, StationaryPE, SwitchablePE
from .skew import Feeder, RotatingFeeder, Skew

__all__ = ["SystolicEngine", "engine_config", "make_element"]


def engine_config(parameters, post_beats):
    """What a layer chooses.

    ``output_stationary`` (switchable arrays), ``active_rows`` (rows that hold pixels, minus one;
    output-stationary), ``interval`` (cycles that the consumer needs for a final vector, minus one)
    and ``occupancy`` (cycles that it needs for all final vectors of one admission, minus one).
    """
    rows = parameters.rows
    return data.StructLayout({
        "output_stationary": 1,
        "active_rows": max(1, (rows - 1).bit_length()),
        "interval": max(1, (post_beats - 1).bit_length()),
        "occupancy": max(1, (rows * post_beats - 1).bit_length()),
    })


def make_element(parameters, row):
    """A new processing element for a row."""
    p, flow = parameters, parameters.dataflow
    multiplier = p.multiplier(row)
    if flow is Dataflow.OUTPUT_STATIONARY:
        return OutputStationaryPE(inputs=p.inputs, weights=p.weights, overflow=p.overflow,
                                  accumulator=p.accumulator, ways=p.ways, multiplier=multiplier)
    if flow is Dataflow.SWITCHABLE:
        return SwitchablePE(inputs=p.inputs, weights=p.weights, accumulator=p.accumulator,
                            chain=p.partial_sum, overflow=p.overflow, multiplier=multiplier)
    by_input = flow is Dataflow.INPUT_STATIONARY
    moving, stationary = (p.weights, p.inputs) if by_input else (p.inputs, p.weights)
    return StationaryPE(moving=moving, stationary=stationary,
                        sum_in=p.sum_format(row) if row else None, sum_out=p.sum_format(row + 1),
                        loads_along_rows=by_input, ways=p.ways, multiplier=multiplier)


class SystolicEngine(StampedComponent):
    """A systolic array between two operand streams and a stream of output vectors.

    Nothing inside ever stops: what is admitted runs through in a constant time. Admission waits
    for operands, for the stationary tile, for the consumer's pace and for ``credit``.

    - Weight-stationary: ``weights`` beats are rows of a tile, the last row first; every ``inputs``
      beat is a vector, and ``last`` marks the last one for the present tile. Input-stationary: the
      same with the streams exchanged, columns in place of rows.
    - Output-stationary: a tile is a sequence of blocks of ``rows`` reduction steps. ``weights``
      beats are the steps; ``inputs`` beats are words of ``rows`` reduction lanes, one for each
      active row, ``first``/``last`` set in the tile's first/last block. The beats of a block must
      follow each other without a pause (``underrun`` is set if they do not); memories keep that
      promise by themselves, `BufferedEngine` keeps it for other sources.

    Throughput: ``rows * columns`` MACs per cycle, back-to-back tiles without a bubble as long as
    a tile is no shorter than its stationary operand (or than ``rows`` steps).
    Latency from a vector's admission (or a tile's last step) to its (first) output: see
    `EngineGeometry.latency`.

    Parameters
    ----------
    parameters: SystolicParameters
    post_beats: int
        Largest number of cycles that the consumer needs for one final vector.

    Members
    -------
    load, config: job start and `engine_config`. legal: Out(1), ``config`` can be run.
    inputs, weights: streams of `beat_layout`.
    credit: In(1), the consumer has room for what the next admission yields: one vector, or one
        for each active row. admit: Out(1), it was used.
    output_valid, outputs: ``ArrayLayout(partial sum, columns)``; the consumer never refuses.
    busy: vectors are on their way. underrun: sticky until ``load``.
    """

    kind = "engine"

    def __init__(self, parameters, post_beats):
        p = self.array = parameters
        self.post_beats = post_beats
        self.module_name = f"systolic_engine_{p.rows}x{p.columns}"
        self.by_input = p.dataflow is Dataflow.INPUT_STATIONARY
        super().__init__(engine_members(p, engine_config(p, post_beats)))

    def parameters(self):
        p = self.array
        return {"dataflow": p.dataflow.value, "rows": p.rows, "columns": p.columns,
                "inputs": str(p.inputs), "weights": str(p.weights),
                "accumulator": str(p.accumulator), "partial_sum": str(p.partial_sum),
                "overflow": p.overflow.value,
                "ways": p.ways, "multiplier_latency": p.multiplier_latency,
                "dsp_rows": p.dsp_rows, "edge_stages": p.edge_stages}

    def elaborate(self, platform):
        m = Module()
        p = self.array
        drains = p.dataflow in (Dataflow.OUTPUT_STATIONARY, Dataflow.SWITCHABLE)
        config = Signal(self.config.shape())
        with m.If(self.load):
            m.d.sync += config.eq(self.config)

        m.submodules.mesh = Stamped(mesh := Mesh(
            lambda: Column(f"column_{p.rows}", partial(make_element, p), p.rows),
            p.element_columns))
        m.submodules.deskew_outputs = Stamped(deskew := Skew(
            down(p.partial_sum.shape, p.ways), p.element_columns, reverse=True))
        moving, stationary = self.inputs, self.weights
        if self.by_input:
            moving, stationary = stationary, moving
        moving_shape = moving.p.lanes.shape().elem_shape
        feed_moving = (
            RotatingFeeder(moving_shape, p.rows, p.rows,
                           enters=p.dataflow is Dataflow.SWITCHABLE)
            if drains else Feeder(moving_shape, p.rows))
        feed_stationary = Feeder(down(stationary.p.lanes.shape().elem_shape, p.ways),
                                 len(stationary.p.lanes) // p.ways)
        m.submodules.feed_moving = Stamped(feed_moving)
        m.submodules.feed_stationary = Stamped(feed_stationary)
        m.d.comb += [
            feed_moving.word.as_value().eq(self._at_edge(m, moving.p.lanes, "moving")),
            mesh.moving_i.eq(feed_moving.o),
            feed_stationary.word.as_value().eq(
                self._at_edge(m, stationary.p.lanes, "stationary")),
            feed_stationary.enter.eq(
                self._at_edge(m, stationary.valid & stationary.ready, "enter_stationary")),
            getattr(mesh, "weights_i" if drains else "stationary_i").eq(feed_stationary.o),
            deskew.i.eq(mesh.sum_o), self.outputs.as_value().eq(deskew.o.as_value()),
        ]

        resident = drain = None
        if p.dataflow is not Dataflow.OUTPUT_STATIONARY:
            resident, loads = self._control_stationary(m, mesh, moving, stationary, config)
            m.d.comb += feed_moving.enter.eq(self._at_edge(m, resident.admit, "enter_moving"))
        if drains:
            drain = self._control_outputs(m, mesh, config)
            m.d.comb += feed_moving.load.eq(self._at_edge(m, drain.load, "load_moving"))
        if p.dataflow is Dataflow.SWITCHABLE:
            # The weight chain moves with every step, or with the rows that are loaded.
            m.d.comb += [mesh.load_i.eq(mesh.valid_i.as_value() | loads),
                         mesh.output_stationary.eq(config.output_stationary),
                         resident.enable.eq(~config.output_stationary),
                         drain.enable.eq(config.output_stationary)]
        else:
            m.d.comb += (resident or drain).enable.eq(1)
            m.d.comb += mesh.load_i.eq(loads) if resident else []

        controls = [control for control in (resident, drain) if control]
        launch = _any(control.launch for control in controls)
        flight = Signal(p.edge_stages + p.rows + p.element_columns + p.product_latency)
        m.d.sync += flight.eq(Cat(launch, flight))
        m.d.comb += [
            moving.ready.eq(_any(control.moving_ready for control in controls)),
            stationary.ready.eq(_any(control.stationary_ready for control in controls)),
            self.admit.eq(_any(control.admit for control in controls)),
            self.output_valid.eq(flight[-1]),
            self.busy.eq(flight.any() | (drain.draining if drain else 0)),
            self.underrun.eq(drain.underrun if drain else 0),
            self.legal.eq(self.config.active_rows < p.rows),
        ]
        return m

    def _at_edge(self, m, value, name):
        """What has come through the registers in front of the array."""
        return pipeline(m, Value.cast(value), self.array.edge_stages, f"{name}_edge")

    def _control_stationary(self, m, mesh, moving, stationary, config):
        beats = self.array.columns if self.by_input else self.array.rows
        m.submodules.control_stationary = control = StationaryControl(
            beats, len(config.interval))
        m.submodules.skew_loads = Stamped(skew := Skew(1, beats))
        m.d.comb += [
            control.reset.eq(self.load),
            control.interval.eq(config.interval),
            control.credit.eq(self.credit),
            control.stationary_valid.eq(stationary.valid),
            control.moving_valid.eq(moving.valid),
            control.last.eq(moving.p.last),
            control.final.eq(moving.p.final),
            skew.i.eq(self._at_edge(m, control.loads, "loads")),
            mesh.swap_i.eq(_delayed(m, self._at_edge(m, control.swap, "swap"), self.array.rows,
                                    "swap")),
        ]
        return control, skew.o.as_value()

    def _control_outputs(self, m, mesh, config):
        rows = self.array.rows
        m.submodules.control_outputs = control = OutputControl(
            rows, len(config.active_rows), len(config.interval), len(config.occupancy))
        m.submodules.skew_inserts = Stamped(skew := Skew(1, rows))
        step, first, last = (self._at_edge(m, getattr(control, name), name)
                             for name in ("step", "first_step", "last_step"))
        # A finished sum is drained as much later as it is there.
        insert = pipeline(m, control.insert, self.array.edge_stages + self.array.product_latency,
                          "insert")
        m.d.comb += [
            control.reset.eq(self.load),
            control.active_rows.eq(config.active_rows),
            control.interval.eq(config.interval),
            control.occupancy.eq(config.occupancy),
            control.credit.eq(self.credit),
            control.moving_valid.eq(self.inputs.valid),
            control.stationary_valid.eq(self.weights.valid),
            control.first.eq(self.inputs.p.first),
            control.last.eq(self.inputs.p.last),
            control.final.eq(self.inputs.p.final),
            skew.i.eq(insert),
            mesh.insert_i.eq(skew.o),
            mesh.valid_i.eq(_delayed(m, step, rows, "step")),
            mesh.first_i.eq(_delayed(m, first, rows, "first_step")),
            mesh.last_i.eq(_delayed(m, last, rows, "last_step")),
        ]
        return control


def _any(bits):
    return reduce(or_, bits)


def _delayed(m, bit, lanes, name):
    """``lanes`` bits: ``bit`` delayed by 0, 1, 2, ... cycles."""
    chain = Signal(lanes - 1, name=f"{name}_chain")
    m.d.sync += chain.eq(Cat(bit, chain))
    return Cat(bit, chain)
