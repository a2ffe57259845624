"""The C header compiles and says what the definition says."""

import re
import shutil
import subprocess

import pytest
from amaranth import signed, unsigned
from amaranth.lib import data

from generators.headers import c_header, register_table_markdown
from hw.registers import REGISTERS
from hw.windows import lay_out_windows

PARAMETERS = data.StructLayout({"bias": signed(32), "multiplier": unsigned(16),
                                "shift": signed(6)})
PADDED = data.StructLayout({name: unsigned(8) for name in "abcde"})
WINDOWS = lay_out_windows([
    ("activations", 64, 4, signed(8)), ("weights", 16, 3, signed(12)),
    ("parameters", 4, 2, PARAMETERS), ("tables", 4, 1, PADDED), ("program", 16, 1, unsigned(32))])


@pytest.fixture
def header():
    return c_header("core_4x4", REGISTERS, WINDOWS)


def macros(header):
    found = re.findall(r"^#define (\w+) (\w+?)u?$", header, flags=re.MULTILINE)
    assert len({name for name, _ in found}) == len(found)
    return {name: int(value, 0) for name, value in found}


def test_registers(header):
    values = macros(header)
    for register in REGISTERS:
        assert values[f"CORE_4X4_REG_{register.name}"] == register.offset
        for field in register.fields:
            macro = f"CORE_4X4_REG_{register.name}_{field.name.upper()}"
            assert values[f"{macro}_SHIFT"] == field.offset
            assert values[f"{macro}_MASK"] == field.mask


def test_windows(header):
    values = macros(header)
    for window in WINDOWS:
        prefix = f"CORE_4X4_MEM_{window.memory.upper()}"
        assert values[f"{prefix}_BASE"] == window.base
        assert values[f"{prefix}_BYTES"] == window.bytes
        assert values[f"{prefix}_WORDS"] == window.words
        assert values[f"{prefix}_WORD_STRIDE"] == window.word_stride_bytes
        assert values[f"{prefix}_LANES"] == window.lanes


@pytest.mark.skipif(shutil.which("gcc") is None, reason="no C compiler gcc")
def test_compiles(header, tmp_path):
    (tmp_path / "core.h").write_text(header)
    sizes = {"activations": 1, "weights": 2, "parameters": 16, "tables": 32, "program": 4}
    checks = "".join(f"_Static_assert(sizeof(core_4x4_{memory}_lane) == {size}, \"{memory}\");\n"
                     for memory, size in sizes.items())
    (tmp_path / "main.c").write_text(f'#include "core.h"\n#include "core.h"\n{checks}')
    subprocess.run(["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only",
                    "main.c"], cwd=tmp_path, check=True)


def test_table():
    table = register_table_markdown()
    assert "| `0x04` | `CONTROL` | WO | | | Commands; a 1 acts once. |" in table
    assert "| | | | 0 | `start` |" in table
    assert "| | | | 31:0 | `address` |" in table
    assert len(table.splitlines()) == 2 + sum(1 + len(register.fields) for register in REGISTERS)
