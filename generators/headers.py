"""The register map and the memory windows, for C programs and for the documentation."""

from amaranth.lib.data import StructLayout

from hw.registers import IDENTIFICATION, REGISTERS

__all__ = ["c_header", "register_table_markdown"]

HEADER = """\
/**
 * @file
 * Registers and memory windows of the core {name}.
 */
#ifndef {guard}
#define {guard}

#include <stdint.h>

{body}
#endif /* {guard} */
"""


def c_header(name, registers, windows):
    """C header of one core.

    Parameters
    ----------
    name: str
        The core; the prefix of every macro (upper case, then ``REG`` or ``MEM``) and of every
        type (lower case).
    registers: iterable of Register
    windows: iterable of Window

    Returns
    -------
    str
        Offsets, shifts and masks of the registers; place and geometry of the windows; a type per
        window for the container, or the struct of containers, of one lane.
    """
    sections = [_section("Registers: byte offsets on the control bus, and their fields"),
                _define(f"{name}_IDENTIFICATION", f"{IDENTIFICATION:#010x}u", "What ID reads as."),
                *(_register(name, register) for register in registers),
                _section("Memory windows: bytes on the memory bus, little-endian"),
                *(_window(name, window) for window in windows)]
    return HEADER.format(name=name, guard=f"{name.upper()}_H", body="\n".join(sections))


def _section(title):
    return f"/* {title}. */\n"


def _define(macro, value, comment=None):
    lines = [f"/** {comment} */"] if comment else []
    return "\n".join([*lines, f"#define {macro.upper()} {value}", ""])


def _register(name, register):
    prefix = f"{name}_REG_{register.name}"
    text = _define(prefix, f"{register.offset:#04x}u",
                   f"{register.access.value}: {register.description}")
    for field in register.fields:
        macro = f"{prefix}_{field.name}"
        text += _define(f"{macro}_SHIFT", field.offset, field.description)
        text += _define(f"{macro}_MASK", f"{field.mask:#010x}u")
    return text


def _window(name, window):
    prefix = f"{name}_MEM_{window.memory}"
    text = _define(f"{prefix}_BASE", f"{window.base:#x}u",
                   f"Byte address of word 0 of the {window.memory}.")
    for measure, value, comment in (
            ("BYTES", f"{window.bytes:#x}u", "Size of the window."),
            ("WORDS", f"{window.words}u", "Words of the memory."),
            ("WORD_STRIDE", f"{window.word_stride_bytes}u", "Bytes from one word to the next."),
            ("LANES", f"{window.lanes}u", "Lanes of a word.")):
        text += _define(f"{prefix}_{measure}", value, comment)
    return text + _lane_type(f"{name}_{window.memory}_lane".lower(), window)


def _lane_type(name, window):
    """Type of a lane in memory; its comment says how many bits of a container count."""
    types = [f"{'' if shape.signed else 'u'}int{window.container_bits}_t"
             for shape in window.fields]
    widths = [shape.width for shape in window.fields]
    if not isinstance(window.lane_shape, StructLayout):
        return (f"/** A lane of the {window.memory}: a number of {widths[0]} bits. */\n"
                f"typedef {types[0]} {name};\n")
    names = list(window.lane_shape.members)
    members = [f"    {kind} {member}; /**< {width} bits. */"
               for kind, member, width in zip(types, names, widths, strict=False)]
    reserved = len(types) - len(names)
    if reserved:
        size = f"[{reserved}]" if reserved > 1 else ""
        members.append(f"    {types[-1]} reserved{size}; /**< Reads as zero. */")
    return "\n".join([f"/** A lane of the {window.memory}. */", "typedef struct {", *members,
                      f"}} {name};", ""])


def register_table_markdown():
    """The register map as a Markdown table, one row per register and one per field."""
    rows = ["| Offset | Register | Access | Bits | Field | Description |",
            "|---|---|---|---|---|---|"]
    for register in REGISTERS:
        rows.append(f"| `{register.offset:#04x}` | `{register.name}` | {register.access.value} "
                    f"| | | {register.description} |")
        for field in register.fields:
            last = field.offset + field.width - 1
            bits = f"{last}:{field.offset}" if field.width > 1 else f"{last}"
            rows.append(f"| | | | {bits} | `{field.name}` | {field.description} |")
    return "\n".join(rows) + "\n"
