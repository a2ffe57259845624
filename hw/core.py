"""The core: an engine with its memories, streamers, post-processing, control and buses."""

from amaranth import Module, Mux, Signal, unsigned
from amaranth.lib.wiring import In, Out, connect, flipped

from .accumulate import Accumulate
from .activation_memory import ActivationMemory
from .axi import AXI4LiteSignature, AXI4Signature
from .control_bus import ControlBus
from .descriptor import PROGRAM_WORD_BITS, nest_dims
from .families import family_of
from .memory_bus import ADDRESS_BITS, ID_BITS, MemoryBus
from .parameters import address_bits
from .post_processing import PostProcessing
from .read_memory import ReadMemory
from .registers import REGISTER_ADDRESS_BITS, REGISTER_BITS
from .requantize import Requantize, channel_layout
from .sequencer import Sequencer
from .sram import TwoPortSram
from .stamp import Stamped, StampedComponent
from .streamer import Streamer
from .transposer import Transposer
from .windows import BUS_BITS, lay_out_windows

__all__ = ["Core", "core_windows"]


def core_windows(parameters):
    """The memories of a core as the host sees them, by their names."""
    p, engine = parameters, parameters.engine
    return lay_out_windows((
        ("activations", p.activation_words, p.word_lanes, engine.inputs.shape),
        ("weights", p.weight_words, p.weight_lanes, engine.weights.shape),
        ("accumulators", p.accumulator_words, p.output_lanes, engine.accumulator.shape),
        ("parameters", p.parameter_words, p.post_lanes, channel_layout(p.multiplier_bits)),
        ("program", p.program_words, 1, unsigned(PROGRAM_WORD_BITS)),
    ))


class Core(StampedComponent):
    """A whole accelerator core.

    Data flows one way: activations and weights through their streamers into the engine, its
    output vectors through the accumulators and post-processing back into the activations. Only
    the operand streams ever wait; everything behind the engine's admission has a constant latency.

    Parameters
    ----------
    parameters: CoreParameters

    Members
    -------
    control: AXI4-Lite slave, see `hw.registers`.
    memory: AXI4 slave, the memories at `core_windows`; errors while a program runs.
    irq: Out(1), high while done is set and enabled.
    """

    kind = "core"

    def __init__(self, parameters):
        self.core = parameters
        self.windows = core_windows(parameters)
        self.module_name = parameters.name
        super().__init__({
            "control": In(AXI4LiteSignature(address_bits=REGISTER_ADDRESS_BITS,
                                            data_bits=REGISTER_BITS)),
            "memory": In(AXI4Signature(address_bits=ADDRESS_BITS, data_bits=BUS_BITS,
                                       id_bits=ID_BITS)),
            "irq": Out(1),
        })

    def parameters(self):
        return {"name": self.core.name}

    @property
    def latency(self):
        """Cycles that a vector spends in each unit behind the engine."""
        return {"accumulate": Accumulate.latency, "transposer": Transposer.latency,
                "post": self.core.post_cycles + Requantize.latency}

    def elaborate(self, platform):
        m = Module()
        sequencer = Sequencer(self.core)
        m.submodules.sequencer = Stamped(sequencer)
        descriptor = sequencer.descriptor
        control, bus = self._buses(m, sequencer)

        activations = self._activations(m, bus, sequencer)
        inputs, weights = self._streamers(m, bus, sequencer, activations)
        engine = family_of(self.core.engine).component(self.core.engine, self.core.post_cycles)
        m.submodules.engine = Stamped(engine)
        connect(m, inputs.o, engine.inputs)
        connect(m, weights.o, engine.weights)
        accumulate = self._accumulate(m, bus, sequencer, engine)
        post = self._post_processing(m, bus, sequencer, activations, accumulate)
        m.d.comb += [
            engine.load.eq(sequencer.load),
            engine.config.eq(descriptor.engine),
            engine.credit.eq(1),
            sequencer.legal.eq(engine.legal),
            sequencer.working.eq(accumulate.active | accumulate.busy | post.active | post.busy),
        ]
        self._flags(m, sequencer, control, activations, engine)
        return m

    def _buses(self, m, sequencer):
        """Both buses, and the program memory."""
        p = self.core
        m.submodules.control_bus = Stamped(control := ControlBus(address_bits(p.program_words)))
        m.submodules.memory_bus = Stamped(bus := MemoryBus(self.windows))
        m.submodules.program_memory = Stamped(program := ReadMemory(
            "program_memory", p.program_words, 1, unsigned(PROGRAM_WORD_BITS)))
        connect(m, flipped(self.control), control.bus)
        connect(m, flipped(self.memory), bus.bus)
        connect(m, bus.host.program, program.host)
        m.d.comb += [
            bus.busy.eq(sequencer.busy),
            control.busy.eq(sequencer.busy),
            control.ready.eq(sequencer.ready),
            control.cycles.eq(sequencer.cycles),
            control.layers.eq(sequencer.layers),
            sequencer.start.eq(control.start),
            sequencer.program_base.eq(control.program_base),
            sequencer.stale.eq(control.program_base_written | bus.host.program.write_en.any()),
            # While the core is idle, the host's bursts come before fetching.
            sequencer.host_access.eq(bus.active),
            program.core_owns.eq(~bus.active),
            program.read_en.eq(sequencer.read_en),
            program.read_addr.eq(sequencer.read_addr),
            sequencer.read_data.eq(program.read_data.as_value()),
        ]
        return control, bus

    def _flags(self, m, sequencer, control, activations, engine):
        """What stays set until the host clears it, and the interrupt."""
        done, conflict, underrun, refused = Signal(), Signal(), Signal(), Signal()
        m.d.comb += [
            control.done.eq(done),
            control.bank_conflict.eq(conflict),
            control.engine_underrun.eq(underrun),
            control.job_refused.eq(refused),
            self.irq.eq(done & control.interrupt_enable),
        ]
        with m.If(control.clear):
            m.d.sync += [done.eq(0), conflict.eq(0), underrun.eq(0), refused.eq(0)]
        with m.If(control.start):
            m.d.sync += done.eq(0)
        with m.If(sequencer.finished):
            m.d.sync += done.eq(1)
        with m.If(activations.conflict):
            m.d.sync += conflict.eq(1)
        with m.If(engine.underrun):
            m.d.sync += underrun.eq(1)
        with m.If(sequencer.refused):
            m.d.sync += refused.eq(1)

    def _activations(self, m, bus, sequencer):
        p = self.core
        m.submodules.activations = Stamped(memory := ActivationMemory(
            p.word_lanes, p.engine.inputs.shape, p.activation_words, p.banks, p.input_words,
            p.output_words))
        connect(m, bus.host.activations, memory.host)
        m.d.comb += memory.busy.eq(sequencer.busy)
        return memory

    def _streamers(self, m, bus, sequencer, activations):
        """Both operand streams."""
        p, dims = self.core, nest_dims(self.core)
        m.submodules.input_streamer = Stamped(inputs := Streamer(
            "input_streamer", dims.inputs, p.bound_bits, p.activation_address, p.input_lanes,
            p.engine.inputs.shape, p.coordinate_bits, not p.prefetch, p.geometry.marks_tail))
        m.submodules.weight_streamer = Stamped(weights := Streamer(
            "weight_streamer", dims.weights, p.bound_bits, address_bits(p.weight_words),
            p.weight_lanes, p.engine.weights.shape, 0, not p.prefetch))
        m.submodules.weights = Stamped(memory := ReadMemory(
            "weight_memory", p.weight_words, p.weight_lanes, p.engine.weights.shape))
        connect(m, bus.host.weights, memory.host)
        m.d.comb += [
            memory.core_owns.eq(sequencer.busy),
            inputs.config.eq(sequencer.descriptor.inputs),
            weights.config.eq(sequencer.descriptor.weights),
        ]
        for streamer, source in ((inputs, activations), (weights, memory)):
            m.d.comb += [
                streamer.load.eq(sequencer.load),
                source.read_en.eq(streamer.read_en),
                source.read_addr.eq(streamer.read_addr),
                streamer.read_data.eq(source.read_data),
            ]
        return inputs, weights

    def _accumulate(self, m, bus, sequencer, engine):
        """The accumulators, between engine and post-processing."""
        p, dims = self.core, nest_dims(self.core)
        bits = p.engine.accumulator.bits
        m.submodules.accumulate = Stamped(unit := Accumulate(
            p.output_lanes, p.engine.partial_sum, p.engine.accumulator, p.engine.overflow,
            dims.accumulate, p.bound_bits, address_bits(p.accumulator_words), not p.prefetch))
        m.submodules.accumulators = Stamped(memory := TwoPortSram(
            p.accumulator_words, p.output_lanes * bits, bits))
        host, busy = bus.host.accumulators, sequencer.busy
        m.d.comb += [
            unit.load.eq(sequencer.load),
            unit.config.eq(sequencer.descriptor.accumulate),
            unit.i_valid.eq(engine.output_valid),
            unit.i_lanes.eq(engine.outputs),
            memory.read_en.eq(Mux(busy, unit.read_en, host.read_en)),
            memory.read_addr.eq(Mux(busy, unit.read_addr, host.addr)),
            memory.write_en.eq(Mux(busy, unit.write_en.replicate(p.output_lanes),
                                   host.write_en)),
            memory.write_addr.eq(Mux(busy, unit.write_addr, host.addr)),
            memory.write_data.eq(Mux(busy, unit.write_data, host.write_data)),
            unit.read_data.eq(memory.read_data),
            host.read_data.eq(memory.read_data),
        ]
        return unit

    def _post_processing(self, m, bus, sequencer, activations, accumulate):
        """From finished sums to activations; where pixels are lanes, transposed first."""
        p, dims = self.core, nest_dims(self.core)
        m.submodules.post = Stamped(post := PostProcessing(
            p.output_lanes, p.post_lanes, p.engine.accumulator, p.engine.inputs,
            p.multiplier_bits, p.requantize_cycles, dims.post, p.bound_bits, p.activation_address,
            address_bits(p.parameter_words), p.post_coordinate_bits, p.word_lanes,
            not p.prefetch))
        m.submodules.parameters = Stamped(memory := ReadMemory(
            "parameter_memory", p.parameter_words, p.post_lanes,
            channel_layout(p.multiplier_bits)))
        connect(m, bus.host.parameters, memory.host)
        source = (accumulate.post_valid, accumulate.post_lanes)
        if p.pixels_are_lanes:
            m.submodules.transposer = Stamped(transposer := Transposer(
                p.output_lanes, p.engine.accumulator.shape, p.post_cycles))
            m.d.comb += [
                transposer.load.eq(sequencer.load),
                transposer.i_valid.eq(source[0]),
                transposer.i_lanes.eq(source[1]),
            ]
            source = (transposer.o_valid, transposer.o_lanes)
        m.d.comb += [
            post.load.eq(sequencer.load & sequencer.descriptor.accumulate.to_post),
            post.config.eq(sequencer.descriptor.post),
            post.i_valid.eq(source[0]),
            post.i_lanes.eq(source[1]),
            memory.core_owns.eq(sequencer.busy),
            memory.read_en.eq(post.parameter_read_en),
            memory.read_addr.eq(post.parameter_addr),
            post.parameter_data.eq(memory.read_data),
            activations.write_en.eq(post.write_en),
            activations.write_addr.eq(post.write_addr),
            activations.write_words.eq(post.write_words),
            activations.write_data.eq(post.write_data),
        ]
        return post
