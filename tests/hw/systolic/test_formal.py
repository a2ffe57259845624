"""Bounded proofs of the rims of the engine alone: whatever enters leaves, once and in order, and an
output waits unchanged, for every idle, every back-pressure and every load within the bound.

The arrays are tiny and one operand is 1 throughout, which makes an output the sum of inputs: the
proofs are about admission and queues, and the solver is spared the arithmetic.
"""

import pytest
from amaranth import Module, Mux, Signal
from amaranth.hdl import Assert, Assume, Cover
from amaranth.lib.wiring import Component, In

from hw.systolic.buffered import BufferedEngine
from tests.formal import ProofError, prove, reach
from tests.hw.systolic.jobs import IS, OS, SWITCH, WS, parameters_of

pytestmark = pytest.mark.exhaustive

COUNT_BITS = 5


class BufferedProof(Component):
    """A `BufferedEngine` of 1 column; its ``choice``-th vector since the load is followed.

    ``by_output`` states the job's dataflow. Every tile of an output-stationary job is one block.
    """

    def __init__(self, engine, by_output=False):
        self.dut, self.by_output = engine, by_output
        p = engine.array
        super().__init__({
            "load": In(1), "active_rows": In(engine.config.active_rows.shape()),
            "inputs_valid": In(1), "input_payload": In(p.inputs.shape).array(p.rows),
            "weights_valid": In(1), "weight_payload": In(p.weights.shape), "last": In(1),
            "ready": In(1), "choice": In(COUNT_BITS),
        })

    def elaborate(self, platform):
        m = Module()
        m.submodules.dut = dut = self.dut
        by_input, lanes = dut.array.dataflow is IS, dut.inputs.p.lanes
        moving = dut.weights if by_input else dut.inputs
        fixed = Signal.like(self.choice)
        started = Signal()
        m.d.sync += [started.eq(1), fixed.eq(self.choice)]
        m.d.comb += [
            dut.load.eq(self.load | ~started),
            dut.config.active_rows.eq(self.active_rows),
            dut.config.output_stationary.eq(self.by_output),
            dut.inputs.valid.eq(self.inputs_valid & started),
            dut.weights.valid.eq(self.weights_valid & started),
            dut.outputs.ready.eq(self.ready),
            moving.p.first.eq(self.by_output),
            moving.p.last.eq(self.last | self.by_output),
            Assume(~started | (self.choice == fixed)),
            Assume(self.active_rows < dut.array.rows),
        ]
        if by_input:
            m.d.comb += [dut.weights.p.lanes[0].eq(self.weight_payload), lanes[0].eq(1)]
        else:
            m.d.comb += [lane.eq(value)
                         for lane, value in zip(lanes, self.input_payload, strict=True)]
            m.d.comb += dut.weights.p.lanes[0].eq(1)

        entered, left = Signal(COUNT_BITS), Signal(COUNT_BITS)
        value = self.weight_payload if by_input else sum(self.input_payload)
        expected = Signal(dut.array.partial_sum.shape)
        with m.If(moving.valid & moving.ready):
            m.d.sync += entered.eq(entered + 1)
            with m.If(entered == self.choice):
                m.d.sync += expected.eq(value)
        output = dut.outputs
        with m.If(output.valid & output.ready):
            m.d.sync += left.eq(left + 1)
        with m.If(dut.load):
            m.d.sync += [entered.eq(0), left.eq(0)]

        waited, before = Signal(), Signal.like(expected)
        m.d.sync += [waited.eq(output.valid & ~output.ready & ~dut.load),
                     before.eq(output.payload[0])]
        m.d.comb += [
            Assert(~waited | output.valid & (output.payload[0] == before), "an output is held"),
            Assert(~output.valid | (left < entered), "an output has an input"),
            Assert(~(output.valid & (left == self.choice)) | (output.payload[0] == expected),
                   "outputs in order"),
            Cover(Mux(self.load, 0, left) == 3),
        ]
        if not self.by_output:
            # What has entered an array that drains nothing is under way, waiting, or gone.
            m.d.comb += Assert(dut.busy | (left == entered) if not dut.drains else 1,
                               "no output is lost")
        return m


class NoCredit(BufferedEngine):
    """Admits whatever comes."""

    def _queue_outputs(self, m, engine, burst):
        super()._queue_outputs(m, engine, 0)


class NoGathering(BufferedEngine):
    """Starts a block with its first beats."""

    def _gather(self, m, engine, config, drains):
        super()._gather(m, engine, config, 0)


class KeepsOldOutputs(BufferedEngine):
    """Lets outputs of the job before through."""

    def _queue_outputs(self, m, engine, burst):
        super()._queue_outputs(m, engine, burst)
        m.d.comb += m.submodules.output_queue.component.i.valid.eq(engine.output_valid)


def proof(dataflow, rows, *, by_output=False, kind=BufferedEngine, depth=None):
    parameters = parameters_of(dataflow, rows, 1, "uint2", "int2", "int5")
    return BufferedProof(kind(parameters, depth), by_output)


CASES = [(WS, 1, False, 16), (IS, 1, False, 16), (OS, 1, True, 15), (OS, 2, True, 16),
         (SWITCH, 2, True, 16), (SWITCH, 1, False, 16)]


@pytest.mark.parametrize(("dataflow", "rows", "by_output", "cycles"), CASES)
def test_outputs_arrive_once_in_order_and_wait(dataflow, rows, by_output, cycles, tmp_path):
    prove(proof(dataflow, rows, by_output=by_output, depth=3), cycles, tmp_path)


@pytest.mark.parametrize(("dataflow", "rows"), [(WS, 1), (OS, 2)])
def test_the_proofs_are_not_empty(dataflow, rows, tmp_path):
    reach(proof(dataflow, rows, by_output=dataflow is OS, depth=3), 16, tmp_path)


@pytest.mark.parametrize(("kind", "dataflow"), [
    (NoCredit, WS), (NoCredit, OS), (NoGathering, OS), (KeepsOldOutputs, WS)])
def test_the_proofs_find_bugs(kind, dataflow, tmp_path):
    rows = 2 if dataflow is OS else 1
    with pytest.raises(ProofError):
        prove(proof(dataflow, rows, by_output=dataflow is OS, kind=kind, depth=3), 16, tmp_path)
