"""The control bus against a naive model, with idles on every channel."""

import random

import pytest

from hw.axi import Response
from hw.control_bus import ControlBus
from hw.registers import IDENTIFICATION, REGISTERS, register
from tests.hw.axi_channels import Sink, Source
from tests.hw.simulation import simulate

PROGRAM_ADDRESS_BITS = 9
STATUS_INPUTS = ("busy", "ready", "done", "bank_conflict", "engine_underrun", "job_refused")
OFFSETS = {register.name: register.offset for register in REGISTERS}


class Model:
    """What the registers hold, and what an access does."""

    def __init__(self):
        self.program_base = self.interrupt_enable = self.start_refused = 0

    def outputs(self):
        return {"program_base": self.program_base, "interrupt_enable": self.interrupt_enable}

    def read(self, address, inputs):
        """Response and data of a read."""
        flags = {**inputs, "start_refused": self.start_refused}
        values = {
            "ID": IDENTIFICATION,
            "STATUS": sum(flags[field.name] << field.offset for field in register("STATUS").fields),
            "INTERRUPT_ENABLE": self.interrupt_enable,
            "PROGRAM_BASE": self.program_base,
            "CYCLES_LOW": inputs["cycles"] & 0xFFFFFFFF,
            "CYCLES_HIGH": inputs["cycles"] >> 32,
            "LAYERS": inputs["layers"],
        }
        by_address = {OFFSETS[name]: value for name, value in values.items()}
        if address not in by_address:
            return Response.SLVERR, 0
        return Response.OKAY, by_address[address]

    def write(self, address, data, strobes, busy):
        """Response of a write, and the outputs that it pulses."""
        names = [name for name, offset in OFFSETS.items() if offset == address]
        if strobes != 0xF or not names or (names == ["PROGRAM_BASE"] and busy):
            return Response.SLVERR, set()
        match names[0]:
            case "CONTROL":
                start, clear = bool(data & 1), bool(data & 2)
                self.start_refused = (start and busy) or (self.start_refused and not clear)
                pulses = {"start": start and not busy, "clear": clear}
                return Response.OKAY, {name for name, pulse in pulses.items() if pulse}
            case "INTERRUPT_ENABLE":
                self.interrupt_enable = data & 1
                return Response.OKAY, set()
            case "PROGRAM_BASE":
                self.program_base = data % (1 << PROGRAM_ADDRESS_BITS)
                return Response.OKAY, {"program_base_written"}
        return Response.SLVERR, set()


def random_inputs(rng):
    return {**{name: rng.random() < 0.5 for name in STATUS_INPUTS},
            "cycles": rng.getrandbits(64), "layers": rng.getrandbits(32)}


@pytest.mark.parametrize("host_idle", [0, 0.6])
@pytest.mark.parametrize("response_idle", [0, 0.6])
def test_random_accesses(host_idle, response_idle):
    seed = int(10 * host_idle + response_idle)
    print(f"seed={seed}")
    rng = random.Random(seed)
    dut, model = ControlBus(PROGRAM_ADDRESS_BITS), Model()
    addresses, data, reads = (Source(dut.bus, channel, rng, host_idle)
                              for channel in ("aw", "w", "ar"))
    responses = Sink(dut.bus, "b", ("resp",), rng, response_idle)
    answers = Sink(dut.bus, "r", ("resp", "data"), rng, response_idle)

    def random_address():
        return rng.choice([*OFFSETS.values(), rng.randrange(256)])

    def random_data():
        return rng.choice([rng.randrange(4), rng.getrandbits(32)])

    for _ in range(400):
        addresses.send(addr=random_address())
        data.send(data=random_data(), strb=rng.choice([0xF, 0xF, 0xF, rng.randrange(16)]))
        reads.send(addr=random_address())

    async def bench(ctx):
        expected_responses, expected_answers = [], []
        while addresses.queue or reads.queue or expected_responses or expected_answers:
            inputs = random_inputs(rng)
            for name, value in inputs.items():
                ctx.set(getattr(dut, name), value)
            for channel in (addresses, data, reads, responses, answers):
                channel.drive(ctx)

            for name, value in model.outputs().items():
                assert ctx.get(getattr(dut, name)) == value, name
            if (read := reads.taken(ctx)) is not None:
                expected_answers.append(model.read(read["addr"], inputs))
            address, word, pulses = addresses.taken(ctx), data.taken(ctx), set()
            assert (address is None) == (word is None)
            if address is not None:
                response, pulses = model.write(address["addr"], word["data"], word["strb"],
                                               inputs["busy"])
                expected_responses.append(response)
            for name in ("start", "clear", "program_base_written"):
                assert ctx.get(getattr(dut, name)) == (name in pulses), name
            if (answer := answers.taken(ctx)) is not None:
                assert (answer["resp"], answer["data"]) == expected_answers.pop(0)
            if (response := responses.taken(ctx)) is not None:
                assert response["resp"] == expected_responses.pop(0)
            await ctx.tick()

    simulate(dut, bench, cycles=20_000)


def test_register_map():
    offsets = [register.offset for register in REGISTERS]
    assert offsets == list(range(0, 4 * len(REGISTERS), 4))
    for entry in REGISTERS:
        masks = [field.mask for field in entry.fields]
        assert sum(masks) < 1 << 32
        assert all(a & b == 0 for i, a in enumerate(masks) for b in masks[:i])
        assert set(entry.layout.fields) == {field.name for field in entry.fields}
