"""SAIF files of Verilator, and files that are something else."""

import time

import pytest

from energy.saif import read_saif
from generators.errors import UserError


def test_a_net_has_its_bits_in_order(data):
    activity = read_saif(data / "tiny.saif", "tiny")
    assert activity.duration_ns == 250
    assert activity.net("memory.read_en").toggles == (2,)
    assert activity.net("memory.read_en").high_ns == (80,)
    assert activity.net("address").bits == 4
    assert activity.net("address").toggles == (16, 8, 4, 3)
    assert activity.cycles_high("memory.write_any", 10.0) == 8


def test_temporaries_and_the_testbench_are_left_out(data):
    nets = read_saif(data / "tiny.saif", "tiny").nets
    assert "operands.low" in nets
    assert not any("$" in path or path.startswith(("bench", "tiny")) for path in nets)


def test_core_in_its_testbench_is_found(data, tmp_path):
    text = (data / "tiny.saif").read_text()
    renamed = tmp_path / "renamed.saif"
    renamed.write_text(text.replace("INSTANCE bench", "INSTANCE tiny_tb")
                       .replace("INSTANCE tiny\n", "INSTANCE core\n"))
    assert read_saif(renamed, "tiny").nets == read_saif(data / "tiny.saif", "tiny").nets


@pytest.mark.parametrize(("text", "message"), [
    ("", "ends early; run the simulation to its end again"),
    ("PK\x03\x04", "is not a SAIF file; name one that Verilator wrote"),
    ("(SAIFILE\n(SAIFVERSION \"2.0\")\n(INSTANCE tiny\n",
     "ends early; run the simulation to its end again"),
    ("(SAIFILE\nwhat is this\n)\n",
     "line 2 is not SAIF as Verilator writes it; name a file made with --trace-saif"),
    ("(SAIFILE\n)\n)\n",
     "line 3 is not SAIF as Verilator writes it; name a file made with --trace-saif"),
    ("(SAIFILE\n(DURATION 5)\n)\n",
     "TIMESCALE is missing or not a time; name a file that Verilator wrote"),
    ("(SAIFILE\n(TIMESCALE 1ps)\n)\n",
     "DURATION is missing or not a number; name a file that Verilator wrote"),
    ("(SAIFILE\n(TIMESCALE 1ps)\n(DURATION 5)\n)\n",
     "does not hold the core tiny; record the activity of a simulation of this core"),
    ("(SAIFILE\n(TIMESCALE 1ps)\n(DURATION 0)\n(INSTANCE tiny\n(NET\n"
     "(a (T0 0) (T1 0) (TZ 0) (TX 0) (TB 0) (TC 0))\n)\n)\n)\n",
     "covers no simulated time; run the simulation again"),
    ("(SAIFILE\n(TIMESCALE 1ps)\n(DURATION 5)\n(INSTANCE tiny\n(NET\n"
     "(a\\[0\\] (T0 5) (T1 0) (TZ 0) (TX 0) (TB 0) (TC 0))\n"
     "(a\\[2\\] (T0 5) (T1 0) (TZ 0) (TX 0) (TB 0) (TC 0))\n)\n)\n)\n",
     "bits of a are missing; run the simulation again"),
])
def test_other_files_are_refused(tmp_path, text, message):
    path = tmp_path / "bad.saif"
    path.write_text(text)
    with pytest.raises(UserError) as error:
        read_saif(path, "tiny")
    assert str(error.value) == f"bad.saif: {message}"


def test_truncated_file_is_refused(data, tmp_path):
    text = (data / "tiny.saif").read_text()
    for end in (len(text) // 3, len(text) // 2, len(text) - 5):
        path = tmp_path / "cut.saif"
        path.write_text(text[:end])
        with pytest.raises(UserError, match=r"^cut\.saif: (ends early|line \d+ is not SAIF)"):
            read_saif(path, "tiny")


def test_missing_and_binary_files_are_refused(tmp_path):
    with pytest.raises(UserError, match=r"none\.saif: cannot be read \(No such file or directory\)"
                                        r"; name a SAIF file$"):
        read_saif(tmp_path / "none.saif", "tiny")
    (tmp_path / "binary.saif").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(UserError, match=r"^binary\.saif: is not a SAIF file; name one that "
                                        r"Verilator wrote$"):
        read_saif(tmp_path / "binary.saif", "tiny")


def test_megabytes_take_seconds(tmp_path):
    path = tmp_path / "large.saif"
    with path.open("w") as file:
        file.write("(SAIFILE\n(TIMESCALE 1ps)\n(DURATION 100000)\n (INSTANCE tiny\n  (NET\n")
        for net in range(2000):
            file.writelines(f"   (net_{net}\\[{bit}\\] (T0 40000) (T1 60000) (TZ 0) (TX 0) (TB 0) "
                            f"(TC {bit}))\n" for bit in range(32))
        file.write("  )\n )\n)\n")
    start = time.perf_counter()
    activity = read_saif(path, "tiny")
    assert time.perf_counter() - start < 5
    assert len(activity.nets) == 2000
    assert activity.net("net_7").total_toggles == sum(range(32))
