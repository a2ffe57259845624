"""`ergon predict`: the cost model alone, for workloads of any size."""

import json

import pytest

from ergon.cli import main
from ergon.console import View
from ergon.flow import simulate
from ergon.predict import predict


def test_a_full_size_network(capsys):
    with pytest.raises(SystemExit) as end:
        main(["predict", "systolic_ws_16x16_int8", "--workload", "alexnet", "--json"])
    assert end.value.code == 0
    found = json.loads(capsys.readouterr().out)
    assert found["macs"] == sum(layer["macs"] for layer in found["layers"]) == 665_784_864
    assert found["exact"]
    assert found["runs"] > len(found["layers"]) == 8
    assert found["macs"] / 256 < found["cycles"] == sum(
        layer["cycles"] for layer in found["layers"])
    assert found["utilization"] == found["macs"] / found["cycles"] / 256


def test_table(capsys):
    with pytest.raises(SystemExit):
        main(["predict", "systolic_ws_4x4_int8", "--workload", "gemm:64x64x64"])
    out = capsys.readouterr().out
    assert "gemm_64x64x64 on systolic_ws_4x4_int8, predicted" in out
    assert "262,144" in out


@pytest.mark.rtl
def test_equals_a_simulation(tmp_path):
    view = View(as_json=True)
    predicted = predict("systolic_ws_4x4_int8", "resnet8@8", view=view)
    measured = simulate("systolic_ws_4x4_int8", "resnet8@8", out=tmp_path, view=view,
                        simulator="icarus", seed=1, waves=False)
    assert predicted["cycles"] == measured["cycles"]
    assert predicted["accesses"] == {
        memory: {way: counts[way] for way in ("reads", "writes")}
        for memory, counts in measured["accesses"].items()}
    assert predicted["layers"] == measured["layers"]
