"""How long it takes from a step in force to the word about it, on the virtual mat and in its time."""

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the benches need scipy")

from bench.cadence_latency import PLAN, Push, frames, steps, told


@pytest.mark.parametrize(("event", "lasts_ms"), [("too_hard", 1000.0), ("over_cap", 50.0)])
def test_a_step_in_force_is_told_within_150_ms_of_what_its_rule_asks(event: str, lasts_ms: float) -> None:
    push = Push()
    row = steps(70.0, event, np.random.default_rng(1), push, tries=1)
    assert (row["told"], row["persistence_ms"]) == (1, pytest.approx(lasts_ms))
    assert lasts_ms < float(row["ms_worst"]) < lasts_ms + 150.0
    assert float(row["ms_without_worst"]) == pytest.approx(float(row["ms_worst"]) - lasts_ms)
    assert 0 < float(row["scans_without_worst"]) <= 10
    assert float(frames(70.0, push)["movement_ms_worst"]) < 310.0  # two slots, and the scan that ends the second


def test_a_step_that_stays_comfortable_is_not_told() -> None:
    assert told(70.0, "too_hard", 0.8 * PLAN.too_hard_n, 0.5, Push()) is None
