"""A short run of the campaign of `bench.sampling_faults`: boards and faults at random, every sample judged."""

import pytest

from bench.sampling_faults import KINDS, OTHER_KINDS, Tally, Trial

SAMPLES = 2500


@pytest.fixture(scope="module")
def tally() -> Tally:
    total = Tally()
    for seed in range(24):  # fixed: the same boards and faults in every run
        total.add(Trial(seed).run(SAMPLES))
    return total


def test_no_sample_comes_from_a_wrong_channel(tally: Tally) -> None:
    assert (tally.wrong_channel, tally.first_wrong) == (0, "")


def test_no_old_value_is_delivered_as_new(tally: Tally) -> None:
    assert tally.stale == 0


def test_every_fault_is_over_within_two_seconds(tally: Tally) -> None:
    assert len(tally.recoveries_s) > 100
    assert max(tally.recoveries_s) < 2.0


def test_every_kind_of_fault_took_part_and_was_noticed(tally: Tally) -> None:
    assert tally.samples > 0.9 * 24 * SAMPLES
    assert set(tally.injected) == {*KINDS, *OTHER_KINDS}
    assert {
        "no_answer",
        "bus_error",
        "timed_out",
        "stuck",
        "lost_pointer",
        "swapped",
        "reset",
        "lost_start",
        "late",
    } <= set(tally.noticed)


def test_the_judge_sees_a_wrong_sample() -> None:
    """The campaign itself can fail: without the proof of identity, exchanged chips go unnoticed."""
    found = Tally()
    for seed in range(24):
        trial = Trial(seed)
        for address in trial.chips:
            sampler = next(one for one in trial.source._chips if one.chip.address == address)
            sampler.waker.confirm = lambda: None  # type: ignore[method-assign]  # sabotage
        found.add(trial.run(SAMPLES))
        if found.wrong_channel:
            return
    pytest.fail("a sampler that never looks at markers passed the campaign")
