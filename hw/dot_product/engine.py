"""The dot-product engine: columns that all see the input vector, and the control in front."""

from amaranth import Cat, Module, Signal
from amaranth.lib import data

from ..engine_members import engine_members
from ..stamp import Stamped, StampedComponent
from .column import Column
from .control import TileControl
from .window import Window, WindowCounter

__all__ = ["DotProductEngine", "dot_product_config", "window_config"]


def dot_product_config(parameters, post_beats):
    """What a layer chooses: ``interval``, the cycles that the consumer needs for a final vector,
    minus one; and with ``depthwise`` its `window_config`."""
    return data.StructLayout({"interval": max(1, (post_beats - 1).bit_length()),
                              **(window_config(parameters) if parameters.depthwise else {})})


def window_config(parameters):
    """What a job with windows chooses: ``window`` is set, and of every row the vector after
    ``window_fill`` others has an output, then every one after ``window_step`` others."""
    bits = max(1, (parameters.rows - 1).bit_length())
    return {"window": 1, "window_fill": bits, "window_step": bits}


class DotProductEngine(StampedComponent):
    """Dot products between two operand streams and a stream of output vectors.

    Every ``inputs`` beat is a vector, and ``last`` marks the last one for the present tile. A beat
    of ``weights`` has ``weight_rows`` rows of a tile in ascending order, columns innermost; the
    beat with the tile's last rows comes first.

    Throughput: ``rows * columns`` MACs per cycle, back-to-back tiles without a bubble as long as
    a tile has no fewer vectors than beats; else a beat of weights per cycle. A vector that enters
    is in the operand registers in the next cycle, from where on `EngineGeometry.latency` counts.

    In jobs with windows column n multiplies the last ``rows`` inputs of lane n by its weights, the
    newest one in row 0. ``first`` marks the vector that starts a row; only vectors that complete a
    window, as `window_config` says, are counted by ``admit``, wait for ``credit`` and have an
    output. The last vector for a tile has to be one of them.

    Parameters
    ----------
    parameters: DotProductParameters
    post_beats: int
        Largest number of cycles that the consumer needs for one final vector.

    Members
    -------
    Those of `SystolicEngine`.
    """

    kind = "engine"

    def __init__(self, parameters, post_beats):
        p = self.array = parameters
        self.module_name = f"dot_product_engine_{p.rows}x{p.columns}"
        super().__init__(engine_members(p, dot_product_config(p, post_beats)))

    def parameters(self):
        p = self.array
        return {"rows": p.rows, "columns": p.columns, "weight_rows": p.weight_rows,
                "inputs": str(p.inputs), "weights": str(p.weights),
                "partial_sum": str(p.partial_sum)}

    def elaborate(self, platform):
        m = Module()
        p, inputs, weights = self.array, self.inputs, self.weights
        config = {name: Signal(field.shape, name=name) for name, field in self.config.shape()}
        with m.If(self.load):
            m.d.sync += [held.eq(self.config[name]) for name, held in config.items()]

        interval = config["interval"]
        m.submodules.control = control = TileControl(p.weight_beats, len(interval))
        m.d.comb += [
            control.reset.eq(self.load), control.interval.eq(interval),
            control.credit.eq(self.credit), self.admit.eq(control.admit & control.complete),
            control.stationary_valid.eq(weights.valid), weights.ready.eq(control.stationary_ready),
            control.moving_valid.eq(inputs.valid), inputs.ready.eq(control.moving_ready),
            control.last.eq(inputs.p.last), control.final.eq(inputs.p.final),
        ]
        moving = Signal(inputs.p.lanes.shape())
        with m.If(control.admit):
            m.d.sync += moving.eq(inputs.p.lanes)
        operands = [moving] * p.columns
        if p.depthwise:
            m.submodules.counter = counter = WindowCounter(len(config["window_fill"]))
            m.d.comb += [
                counter.window.eq(config["window"]), counter.fill.eq(config["window_fill"]),
                counter.step.eq(config["window_step"]), counter.first.eq(inputs.p.first),
                counter.admit.eq(control.admit), control.complete.eq(counter.complete),
            ]
            operands = [self._window(m, number, moving, config["window"], control.admit)
                        for number in range(min(p.rows, p.columns))]
            operands += [moving] * (p.columns - len(operands))
        for number in range(p.columns):
            m.submodules[f"column_{number}"] = Stamped(column := Column(p))
            m.d.comb += [
                column.moving.eq(operands[number]), column.load.eq(control.write),
                column.weights.eq(Cat(weights.p.lanes[row * p.columns + number]
                                      for row in range(p.weight_rows))),
                column.swap.eq(control.swap), self.outputs[number].eq(column.sum),
            ]
        flight = Signal(1 + p.geometry(p.dataflows[0]).latency)
        m.d.sync += flight.eq(Cat(self.admit, flight))
        m.d.comb += [self.output_valid.eq(flight[-1]), self.busy.eq(flight.any()),
                     self.legal.eq(1)]
        return m

    def _window(self, m, number, moving, window, shift):
        """The operands of a column that has a lane of its own."""
        m.submodules[f"window_{number}"] = Stamped(unit := Window(self.array))
        m.d.comb += [unit.own.eq(moving[number]), unit.moving.eq(moving),
                     unit.window.eq(window), unit.shift.eq(shift)]
        return unit.operands
