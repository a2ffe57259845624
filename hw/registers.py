"""The register map of every core: the one definition that hardware, drivers and headers share."""

from dataclasses import asdict, dataclass
from enum import Enum

from amaranth import Cat, Const, Value, unsigned
from amaranth.lib import data

__all__ = [
    "IDENTIFICATION",
    "REGISTERS",
    "REGISTER_ADDRESS_BITS",
    "REGISTER_BITS",
    "Access",
    "Field",
    "Register",
    "register",
]

REGISTER_BITS = 32
REGISTER_ADDRESS_BITS = 8
IDENTIFICATION = int.from_bytes(b"ERG0", "big")


class Access(str, Enum):
    """What the host may do to a register; anything else is a bus error without effect."""

    READ_ONLY = "RO"
    WRITE_ONLY = "WO"
    READ_WRITE = "RW"

    @property
    def readable(self):
        return self is not Access.WRITE_ONLY

    @property
    def writable(self):
        return self is not Access.READ_ONLY


@dataclass(frozen=True)
class Field:
    """Some neighbouring bits of a register; ``offset`` is the lowest one."""

    name: str
    offset: int
    width: int
    description: str

    @property
    def mask(self):
        return ((1 << self.width) - 1) << self.offset


@dataclass(frozen=True)
class Register:
    """A 32-bit register; ``offset`` is its byte address. Bits outside the fields read as zero."""

    name: str
    offset: int
    access: Access
    description: str
    fields: tuple[Field, ...]

    @property
    def layout(self):
        """The register as an Amaranth layout: one member per field."""
        return data.FlexibleLayout(REGISTER_BITS, {
            field.name: data.Field(unsigned(field.width), field.offset) for field in self.fields})

    def pack(self, values):
        """The register's bits, from the value of each field by name."""
        bits = Const(0, REGISTER_BITS)
        for field in self.fields:
            low, high = field.offset, field.offset + field.width
            bits = Cat(bits[:low], Value.cast(values[field.name])[:field.width], bits[high:])
        return bits

    def as_manifest(self):
        """This register in plain types, as the manifest holds it."""
        return {**asdict(self), "access": self.access.value,
                "fields": [asdict(field) for field in self.fields]}


def _flags(*flags):
    """One-bit fields from bit 0 up, from pairs of name and description."""
    return tuple(Field(name, offset, 1, description)
                 for offset, (name, description) in enumerate(flags))


def _value(name, description):
    """A single field that fills the register."""
    return (Field(name, 0, REGISTER_BITS, description),)


REGISTERS = (
    Register("ID", 0x00, Access.READ_ONLY, "Says that this is an Ergon core.", _value(
        "identification", f"Always {IDENTIFICATION:#010x}, \"ERG0\".")),
    Register("CONTROL", 0x04, Access.WRITE_ONLY, "Commands; a 1 acts once.", _flags(
        ("start", "Run the program at PROGRAM_BASE. Refused, and flagged, while busy."),
        ("clear", "Clear done and the sticky flags of STATUS, before a start in the same write."))),
    Register("STATUS", 0x08, Access.READ_ONLY, "State of the core, and sticky flags.", _flags(
        ("busy", "A program runs; the memory windows answer with errors."),
        ("ready", "The descriptor at PROGRAM_BASE is prefetched: a start acts at once."),
        ("done", "A program has ended. Sticky until cleared or until the next start."),
        ("start_refused", "A start came while the core was busy. Sticky."),
        ("bank_conflict", "Two streams met in one activation memory bank. Sticky."),
        ("engine_underrun", "The engine lacked an operand that it was promised. Sticky."),
        ("job_refused", "A job asked the engine for what it cannot do: it was not started, and the "
                        "program ended before it. Sticky."))),
    Register("INTERRUPT_ENABLE", 0x0C, Access.READ_WRITE, "What raises the interrupt.", _flags(
        ("done", "The interrupt is high while this bit and STATUS.done are set."),)),
    Register("PROGRAM_BASE", 0x10, Access.READ_WRITE,
             "Where the next program starts. Answers writes with an error while busy.", _value(
                 "address", "Word address in program memory; bits above its depth are ignored.")),
    Register("CYCLES_LOW", 0x14, Access.READ_ONLY,
             "Clock cycles of the current or last run, low half.", _value(
                 "cycles", "From the accepted start to done. Read CYCLES_HIGH before and after.")),
    Register("CYCLES_HIGH", 0x18, Access.READ_ONLY,
             "Clock cycles of the current or last run, high half.", _value(
                 "cycles", "Bits 32 and up of the count.")),
    Register("LAYERS", 0x1C, Access.READ_ONLY, "Progress of the current or last run.", _value(
        "count", "Jobs that have ended.")),
)


def register(name):
    """The `Register` called ``name``."""
    return next(register for register in REGISTERS if register.name == name)
