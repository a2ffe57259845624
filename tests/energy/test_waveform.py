"""Waveforms tell the same as SAIF."""

import shutil
import subprocess

import pytest

from energy import waveform
from energy.reading import read_activity
from energy.saif import read_saif
from energy.waveform import read_waveform
from generators.errors import UserError


def test_icarus_and_verilator_agree(data):
    saif, fst = (read_saif(data / "tiny.saif", "tiny"), read_waveform(data / "tiny.fst", "tiny"))
    assert fst.duration_ns == saif.duration_ns
    # Verilator hides names that begin with an underscore, such as a memory's read register.
    assert fst.nets.keys() - saif.nets.keys() == {"memory._0_"}
    for path, net in saif.nets.items():
        assert fst.nets[path].toggles == net.toggles, path
        assert fst.nets[path].high_ns == pytest.approx(net.high_ns), path


def test_recording_may_begin_in_mid_simulation(tmp_path):
    path = tmp_path / "late.vcd"
    path.write_text("$timescale 1ns $end\n$scope module tiny_tb $end\n$scope module core $end\n"
                    "$var wire 1 ! clk $end\n$var wire 2 % sum [1:0] $end\n$upscope $end\n"
                    "$upscope $end\n$enddefinitions $end\n"
                    "#100\n1!\nb1x %\n#105\n0!\nb01 %\n#110\n1!\n#115\n0!\n#120\n1!\n")
    activity = read_waveform(path, "tiny")
    assert activity.duration_ns == 20
    assert activity.net("clk").toggles == (5,)
    assert activity.net("clk").high_ns == (10,)
    assert activity.net("sum").toggles == (1, 2)
    assert activity.net("sum").high_ns == (15, 5)


def test_nets_without_bits_are_left_out(tmp_path):
    path = tmp_path / "empty.vcd"
    path.write_text("$timescale 1ns $end\n$scope module tiny_tb $end\n$scope module core $end\n"
                    "$var wire 1 ! clk $end\n$var wire 0 % _ivl_1 [-1:0] $end\n$upscope $end\n"
                    "$upscope $end\n$enddefinitions $end\n#0\n1!\nb %\n#5\n0!\n")
    assert list(read_waveform(path, "tiny").nets) == ["clk"]


def test_batches_do_not_matter(data, monkeypatch):
    whole = read_waveform(data / "tiny.fst", "tiny")
    monkeypatch.setattr(waveform, "_BATCH", 7)
    assert read_waveform(data / "tiny.fst", "tiny").nets == whole.nets


@pytest.mark.rtl
@pytest.mark.skipif(shutil.which("iverilog") is None, reason="Icarus Verilog is not installed")
def test_vcd_equals_fst(data, tmp_path):
    program = tmp_path / "tiny.vvp"
    subprocess.run(["iverilog", "-g2012", "-o", program, data / "bench.v", data / "tiny.v"],
                   check=True)
    subprocess.run(["vvp", program], check=True, cwd=tmp_path, stdout=subprocess.DEVNULL)
    vcd = (tmp_path / "tiny.dump").rename(tmp_path / "tiny.vcd")
    assert read_waveform(vcd, "tiny").nets == read_waveform(data / "tiny.fst", "tiny").nets


def test_other_files_are_refused(data, tmp_path):
    with pytest.raises(UserError, match=r"none\.fst: is not a file; name an FST or VCD waveform$"):
        read_waveform(tmp_path / "none.fst", "tiny")
    for name, content in (("text.fst", b"hello"),
                          ("cut.fst", (data / "tiny.fst").read_bytes()[:600])):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UserError, match=rf"^{name}: is not a complete FST or VCD file \(.*\); "
                                            r"run the simulation to its end again$"):
            read_waveform(tmp_path / name, "tiny")
    with pytest.raises(UserError, match=r"^tiny\.fst: does not hold the core other; record the "
                                        r"activity of a simulation of this core$"):
        read_waveform(data / "tiny.fst", "other")


def test_several_recordings_add_up(data):
    one = read_activity([data / "tiny.saif"], "tiny")
    two = read_activity([data / "tiny.saif"] * 2, "tiny")
    assert two.duration_ns == 500
    assert two.source == "tiny.saif and 1 more"
    assert two.net("address").toggles == tuple(2 * n for n in one.net("address").toggles)
    with pytest.raises(UserError, match=r"^tiny\.fst: does not hold the nets of tiny\.saif; use "
                                        r"recordings of one core$"):
        read_activity([data / "tiny.saif", data / "tiny.fst"], "tiny")


def test_suffix_and_nets_are_named(data):
    with pytest.raises(UserError, match=r"^run\.log: \.log is not a kind of activity file; use "
                                        r"\.saif, \.fst, \.vcd$"):
        read_activity(["run.log"], "tiny")
    with pytest.raises(UserError, match=r"^tiny\.saif: net engine\.sum is not in it; "):
        read_activity([data / "tiny.saif"], "tiny").net("engine.sum")
