"""What the page's server keeps of what the broker sends, and what it refuses to believe."""

import json

import pytest

from qlmat.dashboard.mats import (
    EVENTS_KEPT,
    FORGET_AFTER_S,
    MAX_MATS,
    MAX_PAYLOAD_BYTES,
    SESSIONS_KEPT,
    TRACE_KEPT,
    Mats,
)
from qlmat.dashboard.ran import Ran
from qlmat.payloads import encode, live_payload, online_payload, plan_payload
from qlmat.topics import BY_NAME, TOPICS
from tests.dashboard.payloads import event, live, state, tick


def test_a_live_message_becomes_an_update_with_its_numbers() -> None:
    update = Mats().take("qlmat/m1/live", live(12.5, 81.25), now_s=0.0)

    assert update is not None
    assert (update.mat, update.kind, update.data["pads"]["left"]["force_n"]) == ("m1", "live", 81.25)


@pytest.mark.parametrize(
    "topic",
    [t for t in TOPICS if not t.receives and t.name != "value/<key>"],
    ids=lambda t: t.name,
)
def test_every_sample_of_the_topic_table_is_understood_and_keeps_what_the_page_shows(topic) -> None:  # type: ignore[no-untyped-def]  # ids
    mats = Mats()

    update = mats.take(
        f"qlmat/m1/{topic.name.replace('<n>', '9').replace('<name>', 'tare')}", encode(topic.sample), now_s=0.0
    )

    assert update is not None, mats.ignored
    assert set(update.data) <= set(topic.sample) | {"boot", "seen"}
    assert all(
        update.data[key] == _tupled(topic.sample[key]) for key in update.data if key in ("name", "zone_n", "t_s")
    )


def _tupled(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def test_keys_the_page_does_not_know_are_dropped() -> None:
    payload = json.loads(live())
    payload["surprise"] = payload["session"]["surprise"] = "<script>"

    update = Mats().take("qlmat/m1/live", json.dumps(payload).encode(), now_s=0.0)

    assert update is not None and "surprise" not in json.dumps(update.data)


def _with(path: str, value: object) -> bytes:
    payload = json.loads(live())
    *inside, last = path.split(".")
    part = payload
    for key in inside:
        part = part[key]
    part[last] = value
    return json.dumps(payload).encode()


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"no json",
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b"{}",
        b'{"t_s": 1}',
        live()[:-20],
        live().replace(b"80.0", b"NaN"),
        live().replace(b"80.0", b"1e999"),
        _with("t_s", "soon"),
        _with("pads", []),
        _with("pads.left", None),
        _with("pads.left.cop_mm", [1.0]),
        _with("pads.left.cop_mm", {"x": 1}),
        _with("movement.cycles", -1),
        _with("movement.cadence_cpm", [12]),
        _with("session.side", "middle"),
        _with("session.state", "x" * 1000),
        _with("cue", {"name": "done"}),
    ],
)
def test_a_malformed_payload_is_ignored_and_counted(payload: bytes) -> None:
    mats = Mats()

    assert mats.take("qlmat/m1/live", payload, now_s=0.0) is None
    assert mats.ignored == {"malformed": 1}
    assert len(mats) == 0


def test_a_deeply_nested_payload_is_ignored() -> None:
    mats = Mats()

    assert mats.take("qlmat/m1/live", b"[" * 4000 + b"]" * 4000, now_s=0.0) is None
    assert mats.ignored == {"malformed": 1}


def test_a_payload_that_is_too_long_is_ignored_and_counted_without_being_read() -> None:
    mats = Mats()

    assert mats.take("qlmat/m1/live", live() + b" " * MAX_PAYLOAD_BYTES, now_s=0.0) is None
    assert mats.ignored == {"too_long": 1}


@pytest.mark.parametrize(
    "topic",
    [
        "other/m1/live",
        "qlmat/m1",
        "qlmat/m1/cmd/stop",
        "qlmat/m1/live/more",
        "qlmat/a b/live",
        "qlmat/<b>/live",
        f"qlmat/{'m' * 33}/live",
        "qlmat/m1/unheard",
        "",
    ],
)
def test_other_topics_are_nobody_s_mat(topic: str) -> None:
    mats = Mats()

    assert mats.take(topic, live(), now_s=0.0) is None
    assert len(mats) == 0


def test_a_retained_force_is_an_old_force_and_is_ignored_but_a_retained_status_or_plan_is_kept() -> None:
    mats = Mats()
    status, plan = (
        encode(online_payload("0.1.0", "b")),
        encode(dict(next(t.sample for t in TOPICS if t.name == "plan"))),
    )

    assert mats.take("qlmat/m1/live", live(), now_s=0.0, retained=True) is None
    assert mats.take("qlmat/m1/status", status, now_s=0.0, retained=True) is not None
    assert mats.take("qlmat/m1/plan", plan, now_s=0.0, retained=True) is not None
    assert mats.ignored == {"retained": 1}


def test_a_newcomer_is_told_the_last_of_each_kind_its_age_events_and_the_trace() -> None:
    mats = Mats()
    mats.take("qlmat/m1/state", state(10.0), now_s=100.0)
    mats.take("qlmat/m1/live", live(10.1, 50.0), now_s=100.1)
    mats.take("qlmat/m1/live", live(10.2, 60.0), now_s=100.2)
    mats.take("qlmat/m1/event", event("side_done"), now_s=104.0)

    told = mats.snapshot(now_s=104.2)["m1"]

    assert told["age_s"] == pytest.approx(4.0)  # an event is no reading
    assert told["live"]["t_s"] == 10.2
    assert [row[:2] for row in told["trace"]] == [(10.0, 80.0), (10.1, 50.0), (10.2, 60.0)]
    assert [known["name"] for known in told["events"]] == ["side_done"]
    assert encode(told)  # nothing in it that JSON cannot say


def test_trace_and_events_are_bounded() -> None:
    mats = Mats()
    for step in range(TRACE_KEPT + 50):
        mats.take("qlmat/m1/live", live(step / 10), now_s=step / 10)
        mats.take("qlmat/m1/event", event(n=step), now_s=step / 10)

    told = mats.snapshot(now_s=0.0)["m1"]

    assert (len(told["trace"]), len(told["events"])) == (TRACE_KEPT, EVENTS_KEPT)
    assert told["trace"][-1][0] == (TRACE_KEPT + 49) / 10


def test_the_trace_begins_anew_when_a_mat_was_started_again() -> None:
    mats = Mats()
    mats.take("qlmat/m1/live", live(500.0), now_s=0.0)
    mats.take("qlmat/m1/live", live(1.0), now_s=10.0)

    assert [row[0] for row in mats.snapshot(now_s=10.0)["m1"]["trace"]] == [1.0]


def test_more_mats_than_a_page_can_hold_are_refused_until_one_has_been_silent_for_long() -> None:
    mats = Mats()
    for number in range(MAX_MATS):
        mats.take(f"qlmat/m{number}/live", live(), now_s=float(number))

    assert mats.take("qlmat/late/live", live(), now_s=20.0) is None
    assert mats.ignored == {"too_many_mats": 1}
    assert mats.take("qlmat/late/live", live(), now_s=FORGET_AFTER_S + 0.5) is not None
    assert "m0" not in mats and "m1" in mats and "late" in mats


def test_a_name_that_contains_markup_passes_as_the_text_it_is() -> None:
    odd = '<img src=x onerror="alert(1)">'

    update = Mats().take("qlmat/m1/event", event(odd), now_s=0.0)

    assert update is not None and update.data["name"] == odd


def test_a_plan_of_the_mat_is_one_the_page_understands() -> None:
    from qlmat.core.plan import Plan

    update = Mats().take("qlmat/m1/plan", encode(plan_payload(Plan(comfortable_n=80.0))), now_s=0.0)

    assert update is not None and update.data["zone_n"] == (56.0, 88.0)


# --- how a session ran ------------------------------------------------------------------------------------------------


def _session(mats: Mats, began_s: float = 100.0, n: int = 9) -> None:
    for step in range(20):
        mats.take("qlmat/m1/live", live(began_s + 0.1 * step, 60.0 + step), step)
    mats.take("qlmat/m1/event", event("settled"), 20.0)
    done = tick(t_s=began_s + 2.1, state="done")
    mats.take("qlmat/m1/live", encode(live_payload(done)), 21.0)
    mats.take(f"qlmat/m1/session/{n}", encode({**BY_NAME["session/<n>"].sample, "n": n}), 22.0)


def test_a_session_that_was_seen_can_be_seen_again() -> None:
    mats = Mats()
    _session(mats, began_s=8.0)

    view = mats.view("m1", 9)

    assert view is not None
    assert [round(row[0] - 8.0, 1) for row in view["trace"]] == [0.0, 0.4, 0.8, 1.2, 1.6]
    assert [each["name"] for each in view["events"]] == ["settled"]
    assert view["summary"]["seen"] is True


def test_whoever_watches_a_session_end_learns_that_it_can_be_seen_again() -> None:
    mats = Mats()
    mats.take("qlmat/m1/live", live(8.0), 0.0)

    told = mats.take("qlmat/m1/session/9", encode(BY_NAME["session/<n>"].sample), 1.0)

    assert told is not None and told.data["seen"] is True


def test_a_session_told_twice_is_kept_once_and_one_not_seen_has_no_view() -> None:
    mats = Mats()
    _session(mats, n=1)
    mats.take("qlmat/m1/session/1", encode({**BY_NAME["session/<n>"].sample, "n": 1}), 30.0)
    mats.take("qlmat/m1/session/2", encode({**BY_NAME["session/<n>"].sample, "n": 2}), 31.0)

    kept = mats.snapshot(40.0)["m1"]["sessions"]

    assert [(each["n"], each["seen"]) for each in kept] == [(1, True), (2, False)]
    assert mats.view("m1", 1) is not None
    assert mats.view("m1", 2) is None and mats.view("m2", 1) is None


def test_views_are_kept_only_as_long_as_their_sessions() -> None:
    mats = Mats()
    for n in range(SESSIONS_KEPT + 1):
        _session(mats, began_s=100.0 * n, n=n)

    assert mats.view("m1", 0) is None
    assert mats.view("m1", SESSIONS_KEPT) is not None


def test_a_mat_that_starts_again_in_a_session_begins_its_picture_anew() -> None:
    ran = Ran()
    ran.see("working", (900.0, 80.0, 0.0, None))
    ran.see("working", (3.0, 70.0, 0.0, None))

    assert ran.told()["trace"] == [(3.0, 70.0, 0.0, None)]
