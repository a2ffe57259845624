"""Counting toggles in VCDs: against hand counts, a naive reader, and mistakes."""

import gzip

import numpy as np
import pytest

from energy.gate_level import vcd
from energy.gate_level.vcd import read_vcd
from generators.errors import UserError

# As Icarus writes it: names of one net share a code, escaped names have a backslash, [0:0] none.
HEADER = r"""$date
	today
$end
$timescale
	10ps
$end
$scope module tb $end
$var reg 1 ~ clk $end
$var real 64 } volts $end
$scope module dut $end
$var wire 1 ! clk $end
$var wire 4 " sum [3:0] $end
$var wire 1 # \n.x[4] $end
$var wire 1 $ one $end
$scope module pe_0 $end
$var wire 1 ! clk $end
$var wire 3 %% sum_o [0:2] $end
$upscope $end
$upscope $end
$upscope $end
$enddefinitions $end
"""
BODY = """#100
$dumpvars
x!
bx "
0#
z$
b0 %%
1~
r0.5 }
$end
#200
0!
b101 "
1#
1$
b1 %%
#300
1!
1#
b1x "
0~
#400
0!
0#
b11 %%
b10 "
#500
1!
"""
NAMES = ["1'b0", "1'b1", "clk", "sum[0]", "sum[1]", "sum[2]", "sum[3]", "n.x[4]", "one[0]",
         "pe_0.clk", "pe_0.sum_o[2]", "pe_0.sum_o[1]", "pe_0.sum_o[0]"]


@pytest.fixture
def write(tmp_path):
    def write(body, name="toy.vcd"):
        path = tmp_path / name
        path.write_bytes(body.encode())
        return path
    return write


def test_counts(write):
    activity = read_vcd(write(HEADER + BODY), "tb.dut", NAMES)
    assert activity.names == NAMES
    assert activity.duration_s == pytest.approx(4e-9)
    # sum: xxxx, 0101, 001x, 0010
    assert activity.toggles.tolist() == [0, 0, 3, 0, 1, 1, 0, 2, 0, 3, 1, 1, 0]
    assert (activity.high_s * 1e9).tolist() == pytest.approx(
        [0, 4, 1, 1, 2, 1, 0, 2, 3, 1, 3, 1, 0])
    assert activity.totals is activity.toggles
    assert (activity.edges_s, activity.missing) == (None, 0)


def test_span_and_windows(write):
    activity = read_vcd(write(HEADER + BODY), "tb.dut", ["clk", "n.x[4]", "one"],
                        start_s=2e-9, end_s=4.5e-9, window_s=1e-9)
    assert activity.edges_s == pytest.approx([2e-9, 3e-9, 4e-9, 4.5e-9])
    # The changes at 2 ns are initial values; those at 3 ns belong to the window that they end.
    assert activity.toggles.tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 0]]
    assert activity.totals.tolist() == [2, 1, 0]
    assert (activity.high_s * 1e9).tolist() == pytest.approx([1, 2, 2.5])
    assert activity.duration_s == pytest.approx(2.5e-9)


def test_packed_and_foreign_line_ends(write, tmp_path):
    plain = read_vcd(write(HEADER + BODY), "tb.dut", NAMES)
    foreign = read_vcd(write((HEADER + BODY).rstrip().replace("\n", "\r\n")), "tb.dut", NAMES)
    path = tmp_path / "toy.vcd.gz"
    path.write_bytes(gzip.compress((HEADER + BODY).encode()))
    packed = read_vcd(path, "tb.dut", NAMES)
    for other in (foreign, packed):
        assert np.array_equal(other.toggles, plain.toggles)
        assert np.array_equal(other.high_s, plain.high_s)


@pytest.mark.parametrize("longest", [3, 7])
def test_equals_a_naive_reader(write, monkeypatch, longest):
    monkeypatch.setattr(vcd, "_CHUNK", 777)
    rng = np.random.default_rng(longest)
    codes = dict.fromkeys("".join(map(chr, rng.integers(33, 127, rng.integers(1, longest + 1))))
                          for _ in range(60))
    widths = {code: int(rng.choice([1, 1, 1, 5, 40])) for code in codes}
    header = ["$timescale 1ns $end", "$scope module tb $end"]
    header += [f"$var wire {width} {code} v{index} [{width - 1}:0] $end" if width > 1 else
               f"$var wire 1 {code} v{index} $end"
               for index, (code, width) in enumerate(widths.items())]
    lines, events, time = [], [], 5
    for _ in range(400):
        lines.append(f"#{time}")
        for code in rng.choice(list(codes), rng.integers(1, 9), replace=False):
            value = "".join(rng.choice(list("0011xz"), widths[code]))
            events.append((time, code, value))
            text = value.lstrip("0") or "0"
            # Icarus leaves out what can be filled in again.
            shown = text if text[0] == "1" or len(text) == widths[code] else "0" + text
            lines.append(value + code if widths[code] == 1 else f"b{shown} {code}")
        time += int(rng.integers(1, 2000))
    lines.append(f"#{time}")
    path = write("\n".join([*header, "$upscope $end", "$enddefinitions $end", *lines, ""]))
    skipped = [code for index, code in enumerate(codes) if index % 10 == 9]
    names = [name for index, (code, width) in enumerate(widths.items()) if code not in skipped
             for name in ([f"v{index}[{bit}]" for bit in range(width)] if width > 1
                          else [f"v{index}"])]
    activity = read_vcd(path, "tb", names, start_s=1000e-9, window_s=30000e-9)
    edges = [*range(1000, time, 30000), time]
    toggles = np.zeros((len(edges) - 1, len(names)), int)
    high = np.zeros(len(names))
    column = 0
    for code, width in widths.items():
        if code in skipped:
            continue
        for bit in range(width):
            state, since = "x", 0
            for at, value in [(t, v[width - 1 - bit]) for t, c, v in events if c == code]:
                if {state, value} == {"0", "1"} and at > 1000:
                    toggles[np.searchsorted(edges, at) - 1, column] += 1
                if state == "1":
                    high[column] += max(at, 1000) - max(since, 1000)
                state, since = value, at
            if state == "1":
                high[column] += time - max(since, 1000)
            column += 1
    assert np.array_equal(activity.toggles, toggles)
    assert activity.edges_s * 1e9 == pytest.approx(edges)
    assert activity.high_s * 1e9 == pytest.approx(high)


def test_few_missing_nets_rest(write):
    names = ["clk", *(f"sum[{bit}]" for bit in range(4))] * 20 + ["lost"]
    activity = read_vcd(write(HEADER + BODY), "tb.dut", names)
    assert (activity.missing, activity.toggles[-1], activity.high_s[-1]) == (1, 0, 0)


@pytest.mark.parametrize(("text", "scope", "span", "message"), [
    (HEADER + BODY, "tb.dut.pe_0", {},
     "toy.vcd: is of another netlist: 10 of 13 nets (76.9 %), such as sum[0], are not in it; "
     "simulate this netlist and dump its whole scope"),
    (HEADER + BODY, "tb.core", {}, "toy.vcd: has no scope tb.core; it has tb, tb.dut, tb.dut.pe_0"),
    (HEADER + BODY, "tb.dut", {"end_s": 6e-9},
     "toy.vcd: the span 1, 6 ns is not within the file, which ends at 5 ns; simulate longer"),
    (HEADER + BODY, "tb.dut", {"start_s": 5e-9},
     "toy.vcd: the span 5, 5 ns is not within the file, which ends at 5 ns; simulate longer"),
    (HEADER + "#5\nhello\n", "tb.dut", {},
     "toy.vcd: 'hello' is not a value change; name a VCD that Icarus or Verilator wrote"),
    ((HEADER + BODY).replace("!", "!" * 8), "tb.dut", {},
     "toy.vcd: has identifier codes of 8 characters; name a VCD that Icarus wrote"),
    ("module top;\n", "tb.dut", {}, "toy.vcd: has no $enddefinitions; name a VCD file"),
    ((HEADER + BODY).replace("10ps", "1 day"), "tb.dut", {},
     "toy.vcd: $timescale 1 day is not a time; run the simulation again"),
])
def test_mistakes(write, text, scope, span, message):
    with pytest.raises(UserError) as error:
        read_vcd(write(text), scope, NAMES, **span)
    assert str(error.value) == message


def test_unreadable(tmp_path):
    with pytest.raises(UserError, match=r"no\.vcd: cannot be read \(No such file or directory\); "
                                        r"name a VCD file$"):
        read_vcd(tmp_path / "no.vcd", "tb", [])
    path = tmp_path / "cut.vcd.gz"
    path.write_bytes(gzip.compress((HEADER + BODY).encode())[:200])
    with pytest.raises(UserError, match=r"cut\.vcd\.gz: cannot be read \(it is damaged or ends "
                                        r"early\); name a VCD file$"):
        read_vcd(path, "tb.dut", NAMES)
