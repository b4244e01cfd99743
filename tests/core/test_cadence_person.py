"""The mat's own two movements, one knee rocking and one knee bending, are told right at both ends of what people do."""

import pytest

pytest.importorskip("scipy", reason="the benches need scipy")

from bench.cadence_person import Job, jobs, judge, person, summed

CALM_SMALL: Job = ("wall", "rock", "left", 6.0, (10.0, 5.0))
FAST_LARGE: Job = ("floor", "rock", "right", 30.0, (60.0, 25.0))
SLOW_BEND: Job = ("floor", "bend", "left", 9.0, (25.0, 12.0))
FAST_BEND: Job = ("wall", "bend", "right", 25.0, (40.0, 18.0))


def test_the_people_are_those_of_the_movements_asked_for() -> None:
    everybody = jobs()
    assert len(everybody) == len(set(everybody)) == 280
    assert {cpm for _, _, _, cpm, _ in everybody} >= {6.0, 30.0}
    assert {swing for *_, swing in everybody} >= {(10.0, 5.0), (60.0, 25.0)}
    assert {(place, kind, side) for place, kind, side, *_ in everybody} == {
        (place, kind, side) for place in ("floor", "wall") for kind in ("rock", "bend") for side in ("left", "right")
    }


@pytest.mark.parametrize("job", [CALM_SMALL, FAST_BEND])
def test_a_person_moves_at_the_cadence_that_is_the_truth(job: Job) -> None:
    (bout,) = person(job, seed=3).bouts
    assert 60 * bout.cycles / (bout.end_s - bout.start_s) == pytest.approx(job[3], rel=0.05)


@pytest.mark.parametrize("job", [CALM_SMALL, FAST_LARGE, SLOW_BEND, FAST_BEND])
def test_kind_and_cadence_of_one_knee_are_told_right(job: Job) -> None:
    row = judge(job)
    assert float(row["kind_right"]) > 0.97
    assert float(row["cadence_right"]) > 0.9
    assert row["person_right"] == 1.0


def test_shares_are_means_over_people() -> None:
    shares = {"cadence_right": 1.0, "within_2cpm": 1.0, "kind_right": 1.0, "both_right": 1.0, "person_right": 1.0}
    assert summed([dict(shares), {**shares, "both_right": 0.0}])["both_right"] == 0.5
