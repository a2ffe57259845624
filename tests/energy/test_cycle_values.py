"""Values of signals cycle by cycle: what registers take at each clock edge."""

import numpy as np
import pytest

from energy.cycle_values import read_cycles
from generators.errors import UserError

HEADER = """\
$timescale {unit} $end
$scope module tiny_tb $end
$scope module core $end
$var wire 1 ! clk $end
$var reg 3 % sum [2:0] $end
$scope module pe_0 $end
$var wire 3 % sum_i [2:0] $end
$var wire 1 & \\odd.name $end
$upscope $end
$upscope $end
$upscope $end
$enddefinitions $end
"""
CHANGES = """\
#5
0!
b1x1 %
#10
1!
b10 %
#15
0!
#19
1&
#20
1!
b111 %
0&
#30
1!
b0 %
"""


@pytest.fixture
def waves(tmp_path):
    def written(unit="1ns", changes=CHANGES):
        path = tmp_path / "waves.vcd"
        path.write_text(HEADER.format(unit=unit) + changes)
        return path
    return written


def _numbers(bits):
    return (bits @ (1 << np.arange(bits.shape[1]))).tolist()


def test_a_change_at_the_edge_belongs_to_what_is_after_it(waves):
    found = read_cycles(waves(), "tiny", ["sum"], np.array([10, 20, 21, 30, 31]))
    assert list(found) == ["sum"]
    assert found["sum"].dtype == np.uint8
    assert _numbers(found["sum"]) == [5, 2, 7, 7, 0]


def test_before_the_first_change_all_is_zero(waves):
    assert _numbers(read_cycles(waves(), "tiny", ["sum"], [0, 5, 6])["sum"]) == [0, 0, 5]


def test_unknown_bits_are_zero(waves):
    found = read_cycles(waves(changes="#1\nb1x %\n#2\nbz01 %\n#3\nbx %\n"), "tiny", ["sum"],
                        [2, 3, 4])
    assert _numbers(found["sum"]) == [2, 1, 0]


def test_names_of_one_signal_have_the_same_values(waves):
    edges = np.array([10, 20, 30, 40])
    found = read_cycles(waves(), "tiny", ["pe_0.sum_i", "pe_0.odd.name", "sum"], edges)
    np.testing.assert_array_equal(found["sum"], found["pe_0.sum_i"])
    # A pulse that ends at the edge is what was there before it.
    assert _numbers(found["pe_0.odd.name"]) == [0, 1, 0, 0]


def test_edges_are_in_nanoseconds_whatever_the_unit(waves):
    found = read_cycles(waves("100ps"), "tiny", ["sum"], np.array([1, 2.0000000001, 3.1]))
    assert _numbers(found["sum"]) == [5, 2, 0]


def test_nothing_is_asked(waves):
    assert read_cycles(waves(), "tiny", [], [10]) == {}
    assert read_cycles(waves(), "tiny", ["sum"], [])["sum"].shape == (0, 3)


def test_signals_that_are_not_there(waves):
    with pytest.raises(UserError, match=r"^waves\.vcd: 2 signals are not in it, such as none; "
                                        r"record the core that the manifest describes$"):
        read_cycles(waves(), "tiny", ["sum", "pe_1.sum_i", "none"], [10])
    with pytest.raises(UserError, match=r"^waves\.vcd: 1 signals are not in it, such as sum; "):
        read_cycles(waves(), "other", ["sum"], [10])


def test_a_file_that_is_no_waveform(tmp_path):
    path = tmp_path / "cut.fst"
    path.write_bytes(b"hello")
    with pytest.raises(UserError, match=r"cut\.fst: is not a complete FST or VCD file \(.*\); "
                                        r"record it again$"):
        read_cycles(path, "tiny", ["sum"], [10])
