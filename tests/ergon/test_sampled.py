"""A sampled program: each recorded run is priced by itself."""

from types import SimpleNamespace

import pytest

from ergon.sampled import sampled


def test_each_run_is_priced_alone(monkeypatch):
    def price(manifest, activity, run, technology, registers, cards):
        assert (manifest, technology) == ("manifest", "technology")
        assert (registers, cards) == (("register",), "cards")
        assert (run["layers"], run["priced_runs"], run["config"]) == ([], 1, "core")
        return SimpleNamespace(total_pj=activity * run["cycles"] + run["macs"])

    monkeypatch.setattr("ergon.sampled.annotate", price)
    plan = {"strata": [{"layers": ["a"], "runs": 10, "cycles": 50}],
            "recorded": [{"stratum": 0, "cycles": 4, "macs": 8},
                         {"stratum": 0, "cycles": 6, "macs": 12}]}
    run = {"config": "core", "cycles": 10, "macs": 20, "layers": ["a"], "priced_runs": 2}
    found = sampled("manifest", [3, 3], run, plan, "technology", iter(["register"]),
                    "cards")
    assert found["total_pj"] == pytest.approx(50 * (3 + 2))
    assert found["relative"] == 0
    assert run["layers"] == ["a"]
