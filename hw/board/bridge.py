"""The bridge from a serial line to the buses of a core."""

from amaranth import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from ..axi import AXI4LiteSignature, AXI4Signature
from ..memory_bus import ADDRESS_BITS, ID_BITS
from ..registers import REGISTER_ADDRESS_BITS, REGISTER_BITS
from ..sram import SinglePortSram
from ..stamp import Stamped, StampedComponent
from ..windows import BUS_BITS
from .buffered_frame import BUFFER_BYTES, HEADER_AT, BufferedFrame
from .crc import Crc16
from .protocol import FRAME_WORDS, START, Field

__all__ = ["HostBridge"]


class HostBridge(StampedComponent):
    """Carries out the frames of a host, one after the other, and answers each.

    Request and answer have the same form: a header (`Field`), a payload of words, lowest byte
    first, and CRC-16 CCITT-FALSE of all that follows the start byte, high byte first. A write has
    its payload in the request, a read in the answer; for the rest an answer repeats the header of
    its request.

    A frame acts wholly or not at all: it is buffered, and the buses rest until its checksum was
    right. One that is wrong or ends early is answered after a silence. A write that follows a
    write of the same sequence number is not carried out again; it is answered like that one. What
    the host sends before it has its answer is lost.

    A burst's address goes before its data: the slave must take it alone.

    Members
    -------
    i: In(stream of 8 bits)
        Always ready.
    framing_error: In(1)
        The byte of ``i`` is bad.
    silent: In(1)
        No byte has come for a while, and none is coming.
    o: Out(stream of 8 bits)
    control: Out(AXI4LiteSignature)
    memory: Out(AXI4Signature)
    """

    kind = "bridge"
    module_name = "host_bridge"

    def __init__(self):
        super().__init__({
            "i": In(stream.Signature(8)),
            "framing_error": In(1),
            "silent": In(1),
            "o": Out(stream.Signature(8)),
            "control": Out(AXI4LiteSignature(address_bits=REGISTER_ADDRESS_BITS,
                                             data_bits=REGISTER_BITS)),
            "memory": Out(AXI4Signature(address_bits=ADDRESS_BITS, data_bits=BUS_BITS,
                                        id_bits=ID_BITS)),
        })

    def parameters(self):
        return {}

    def elaborate(self, platform):
        m = Module()
        m.submodules.crc = Stamped(crc := Crc16())
        m.submodules.buffer = Stamped(buffer := SinglePortSram(BUFFER_BYTES, 8))
        frame = BufferedFrame(buffer.read_data)
        settled = Signal()  # the buffer shows what the pointer points to
        m.d.sync += settled.eq(~frame.step & ~frame.rewind & ~frame.restart)
        with m.If(frame.step):
            m.d.sync += frame.pointer.eq(frame.pointer + 1)
        with m.If(frame.restart | frame.rewind):
            m.d.sync += frame.pointer.eq(HEADER_AT | Mux(frame.rewind, Field.ADDRESS, 0))
        kind = Cat(frame.is_write, frame.is_memory, Const(0, 2),  # see `Kind`
                   frame.failed & ~frame.damaged, frame.damaged)
        m.d.comb += [
            self.i.ready.eq(1),
            buffer.read_en.eq(1),
            buffer.addr.eq(frame.pointer),
            buffer.write_data.eq(Mux(frame.storing, frame.word[:8], self.i.payload)),
            crc.data.eq(Mux(frame.sending, self.o.payload, self.i.payload)),
            self.o.payload.eq(Mux(frame.at(Field.KIND), kind, buffer.read_data)),
        ]
        frame.drive(m, self.control, self.memory)
        with m.FSM():
            self._receive(m, frame, buffer, crc)
            with m.State("SHIFT"), m.If(settled):
                self._shift(m, frame)
            self._use_buses(m, frame, buffer, settled)
            self._answer(m, frame, crc, settled)
        return m

    def _receive(self, m, frame, buffer, crc):
        """From the start byte to the decision what to do."""
        byte = self.i.payload
        with m.State("IDLE"):
            m.d.comb += crc.clear.eq(1)
            m.d.sync += frame.damaged.eq(0)
            with m.If(self.i.valid & ~self.framing_error & (byte == START)):
                m.d.comb += [buffer.write_en.eq(1), frame.step.eq(1)]
                m.next = "RECEIVE"
        with m.State("RECEIVE"):
            with m.If(self.i.valid):
                m.d.comb += [buffer.write_en.eq(1), crc.valid.eq(1), frame.step.eq(1)]
                with m.If(self.framing_error | (frame.at(Field.KIND) & byte[2:].any())
                          | (frame.at(Field.LENGTH) & frame.is_memory & (byte >= FRAME_WORDS))):
                    m.d.sync += frame.damaged.eq(1)
                with m.If(frame.at(Field.KIND)):
                    m.d.sync += [frame.is_write.eq(byte[0]), frame.is_memory.eq(byte[1])]
                with m.If(frame.at(Field.SEQUENCE)):
                    m.d.sync += frame.repeated.eq(frame.repeatable & (byte == frame.sequence))
                with m.If(frame.at(Field.LENGTH)):
                    m.d.sync += frame.length.eq(Mux(frame.is_memory, byte, 0))
                with m.If(frame.ends(frame.is_write)):
                    m.next = "RECEIVE_CHECKSUM"
            with m.If(self.silent):
                self._answer_damaged(m, frame)
        with m.State("RECEIVE_CHECKSUM"):
            with m.If(self.i.valid):
                m.d.comb += crc.valid.eq(1)
                m.d.sync += frame.second.eq(~frame.second)
                with m.If(self.framing_error):
                    m.d.sync += frame.damaged.eq(1)
                with m.If(frame.second):
                    m.next = "CHECK"
            with m.If(self.silent):
                self._answer_damaged(m, frame)
        with m.State("CHECK"), m.If(~crc.busy):
            with m.If(frame.damaged | crc.value.any()):
                with m.If(self.silent):
                    self._answer_damaged(m, frame)
            with m.Elif(frame.is_write & frame.repeated):
                self._begin_answer(m, frame)
            with m.Else():
                m.d.comb += frame.rewind.eq(1)
                m.d.sync += frame.failed.eq(0)
                m.next = "SHIFT"

    def _answer_damaged(self, m, frame):
        m.d.sync += [frame.damaged.eq(1), frame.second.eq(0)]
        self._begin_answer(m, frame)

    def _begin_answer(self, m, frame):
        m.d.comb += frame.restart.eq(1)
        m.next = "SEND"

    def _shift(self, m, frame):
        """Take the next byte from the buffer, and see what to do once the word is complete.

        A register's write needs its address and its data together: the buffer shows the address
        again when the word holds the data.
        """
        m.d.sync += frame.word.eq(frame.shifted)
        with m.If(~frame.word_ends | (frame.in_header & frame.is_write & ~frame.is_memory)):
            m.d.comb += frame.step.eq(1)
        with m.Elif(frame.in_header):
            m.next = "ADDRESS"
        with m.Elif(frame.is_memory):
            m.next = "WRITE"
        with m.Else():
            m.d.comb += frame.rewind.eq(1)
            m.next = "WRITE_REGISTER"

    def _use_buses(self, m, frame, buffer, settled):
        """The transfers of one frame; what is read goes into the buffer."""
        control, memory = self.control, self.memory
        with m.State("ADDRESS"):
            m.d.comb += [
                control.arvalid.eq(~frame.is_memory),
                memory.arvalid.eq(~frame.is_write & frame.is_memory),
                memory.awvalid.eq(frame.is_write),
            ]
            taken = Mux(frame.is_write, memory.awready,
                        Mux(frame.is_memory, memory.arready, control.arready))
            with m.If(taken):
                m.d.comb += frame.step.eq(1)
                m.next = "READ"
                with m.If(frame.is_write):
                    m.next = "SHIFT"
        address_taken, data_taken = Signal(), Signal()
        with m.State("WRITE_REGISTER"), m.If(settled):
            m.d.comb += [control.awvalid.eq(~address_taken), control.wvalid.eq(~data_taken)]
            m.d.sync += [address_taken.eq(address_taken | control.awready),
                         data_taken.eq(data_taken | control.wready)]
            with m.If((address_taken | control.awready) & (data_taken | control.wready)):
                m.d.sync += [address_taken.eq(0), data_taken.eq(0)]
                m.next = "WRITTEN"
        with m.State("WRITE"):
            m.d.comb += memory.wvalid.eq(1)
            with m.If(memory.wready):
                m.d.comb += frame.step.eq(1)
                m.next = "SHIFT"
                with m.If(frame.last_word):
                    m.next = "WRITTEN"
        with m.State("WRITTEN"):
            m.d.comb += [control.bready.eq(1), memory.bready.eq(1)]
            for bus in (control, memory):
                with m.If(bus.bvalid):
                    m.d.sync += frame.failed.eq(_is_error(bus.bresp))
                    self._begin_answer(m, frame)
        with m.State("READ"):
            m.d.comb += [control.rready.eq(1), memory.rready.eq(1)]
            m.d.sync += frame.word.eq(Mux(frame.is_memory, memory.rdata, control.rdata))
            for bus in (control, memory):
                with m.If(bus.rvalid):
                    m.d.sync += frame.failed.eq(frame.failed | _is_error(bus.rresp))
                    m.next = "STORE"
        with m.State("STORE"):
            m.d.comb += [buffer.write_en.eq(1), frame.storing.eq(1), frame.step.eq(1)]
            m.d.sync += frame.word.eq(frame.shifted)
            with m.If(frame.word_ends):
                m.next = "READ"
                with m.If(frame.last_word):
                    self._begin_answer(m, frame)

    def _answer(self, m, frame, crc, settled):
        """Send the buffer back, with what became of the request."""
        sent = self.o.valid & self.o.ready
        with m.State("SEND"):
            m.d.comb += [
                frame.sending.eq(1),
                self.o.valid.eq(settled & ~crc.busy),
                crc.clear.eq(frame.at(Field.START)),
                crc.valid.eq(sent), frame.step.eq(sent),
            ]
            with m.If(sent):
                with m.If(frame.at(Field.SEQUENCE) & ~frame.damaged):
                    m.d.sync += [frame.sequence.eq(self.o.payload),
                                 frame.repeatable.eq(frame.is_write)]
                with m.If(frame.ends(~frame.is_write & ~frame.damaged)):
                    m.next = "SEND_CHECKSUM"
        with m.State("SEND_CHECKSUM"):
            m.d.comb += [
                frame.sending.eq(1),
                self.o.valid.eq(~crc.busy),
                self.o.payload.eq(crc.value[8:]),  # which its own high byte moves up
                crc.valid.eq(sent),
            ]
            with m.If(sent):
                m.d.sync += frame.second.eq(~frame.second)
                with m.If(frame.second):
                    m.d.comb += frame.restart.eq(1)
                    m.next = "IDLE"


def _is_error(response):
    return Value.cast(response)[1]
