"""Home Assistant finds a mat by one message: it keeps the rules, shows what the mat says, and its commands work."""

import json
import re
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from jinja2 import Environment

from qlmat.core.plan import Plan
from qlmat.homeassistant import BIRTH, discovery_payload, discovery_topic, left_behind
from qlmat.mqtt import Telling
from qlmat.payloads import encode
from qlmat.steering import Steering
from qlmat.topics import TOPICS, topic_of
from tests.shell.brokers import Mosquitto, Watcher
from tests.shell.discovery_rules import problems
from tests.shell.living import LivingMat
from tests.shell.ticks import frame, tick

Open = Callable[..., Any]
TOPIC = discovery_topic("m1")
PAYLOAD = discovery_payload("m1", "My mat", "0.1.0")
SAMPLES = {topic_of("m1", topic.name): topic.sample for topic in TOPICS}
JINJA = Environment(autoescape=False)  # noqa: S701 - as Home Assistant renders, and nothing here is a page


def rendered(template: str, message: Any = None, **more: Any) -> str:
    """Render a template as Home Assistant does."""
    return JINJA.from_string(template).render(value_json=message, **more)


def shown(component: dict[str, Any], message: Any) -> str:
    """Render what an entity shows of a message."""
    return rendered(component["val_tpl"], message)


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("coached", [False, True])
def test_the_message_keeps_every_rule(private: bool, coached: bool) -> None:
    assert problems(TOPIC, discovery_payload("mat-1", "My mat", "0.1.0", private, coached)) == []


@pytest.mark.parametrize(
    ("where", "change"),
    [
        ((), {"foo": 1}),
        (("dev",), {"serial": 1}),
        (("cmps", "left_force_n"), {"dev_cla": "force"}),
        (("cmps", "left_force_n"), {"dev_cla": "pressure"}),
        (("cmps", "left_force_n"), {"obj_id": "x"}),
        (("cmps", "left_force_n"), {"ent_cat": "config"}),
        (("cmps", "state"), {"stat_cla": "measurement"}),
        (("cmps", "state"), {"ops": []}),
        (("cmps", "start_side"), {"ops": []}),
        (("cmps", "side_s"), {"min": 200}),
        (("cmps", "identify"), {"dev_cla": "firmware"}),
        (("cmps", "identify"), {"ret": True}),
        (("cmps", "update"), {"uniq_id": "qlmat_m1_state"}),
        (("cmps", "event"), {"evt_typ": []}),
        (("cmps", "event"), {"p": "events"}),
    ],
)
def test_the_rules_find_what_home_assistant_would_refuse(where: tuple[str, ...], change: dict[str, Any]) -> None:
    message = json.loads(encode(PAYLOAD))
    place = message
    for key in where:
        place = place[key]
    place.update(change)
    assert len(problems(TOPIC, message)) == 1


def test_a_dot_in_the_topic_is_found() -> None:
    assert problems("homeassistant/device/qlmat_m.1/config", PAYLOAD) == ["illegal id qlmat_m.1"]


@pytest.mark.parametrize("key", PAYLOAD["cmps"])
def test_every_entity_shows_something_sensible_of_the_messages_as_they_are(key: str) -> None:
    component = discovery_payload("m1", "My mat", "0.1.0", coached=True)["cmps"][key]
    if "stat_t" not in component:
        assert component["p"] == "button"
        return
    said = shown(component, SAMPLES[component["stat_t"]])
    match component["p"]:
        case "binary_sensor" | "switch":
            assert said in ("ON", "OFF")
        case "select":
            assert said in component["ops"]
        case "sensor" if "ops" in component:
            assert said in component["ops"]
        case "sensor":
            float(said)
        case "number":
            assert component["min"] <= float(said) <= component["max"]
        case "event":
            assert json.loads(said)["event_type"] in component["evt_typ"]
        case "update":
            assert json.loads(said) == {"installed_version": "0.1.0", "latest_version": "0.1.0"}


def test_what_is_unknown_is_shown_as_unknown() -> None:
    # Home Assistant takes "None" for unknown (ecosystem facts B.5 nr 4).
    assert shown(PAYLOAD["cmps"]["left_force_n"], {"left_force_n": None}) == "None"


@pytest.mark.parametrize("key", ["side", "movement", "cue"])
def test_nothing_is_a_word_of_its_own_where_words_are_shown(key: str) -> None:
    component = PAYLOAD["cmps"][key]
    assert shown(component, {key: None}) == "none"
    assert "none" in component["ops"]


def test_units_are_those_of_the_topics_and_diagnostics_are_off_by_default() -> None:
    components = PAYLOAD["cmps"]
    assert (components["left_force_n"]["unit_of_meas"], components["cadence_cpm"]["unit_of_meas"]) == (
        "N",
        "cycles/min",
    )
    assert components["temperature_c"] | {"ent_cat": "diagnostic", "en": False} == components["temperature_c"]
    assert components["temperature_c"]["unit_of_meas"] == "°C"


def test_commands_expire_and_are_never_retained() -> None:
    commanding = [component for component in PAYLOAD["cmps"].values() if "cmd_t" in component]
    assert len(commanding) > 10
    assert all(component["msg_exp_int"] == 10 and "ret" not in component for component in commanding)


def test_what_a_mat_does_not_have_is_removed_by_name() -> None:
    private = discovery_payload("m1", "My mat", "0.1.0", private=True)["cmps"]
    assert (private["left_force_n"], private["position"]) == ({"p": "sensor"}, {"p": "select"})
    assert private.keys() == PAYLOAD["cmps"].keys()


# --- with a real broker ----------------------------------------------------------------------------------------------


@pytest.fixture
def home(mosquitto: Mosquitto, watch: Open) -> Watcher:
    """Somebody who listens as Home Assistant does."""
    watcher: Watcher = watch(mosquitto.port)
    return watcher


def announced(home: Watcher) -> dict[str, Any]:
    """Wait for the announcement and check it."""
    message = json.loads(home.on(TOPIC))
    assert problems(TOPIC, message) == []
    return message


def until(home: Watcher, topic: str, holds: Callable[[Any], bool]) -> Any:
    """Wait for a message on `topic` of which something holds."""
    return json.loads(
        home.expect(lambda m: m.topic == topic and bool(m.payload) and holds(json.loads(m.payload))).payload
    )


def press(home: Watcher, component: dict[str, Any]) -> Any:
    """Press a button and wait for the mat's answer."""
    home.say(component["cmd_t"], component["pl_prs"].encode())
    return json.loads(home.on(component["cmd_t"].replace("/cmd/", "/resp/")))


def test_what_is_turned_in_home_assistant_is_turned_on_the_mat_and_shown(
    mosquitto: Mosquitto, home: Watcher, closing: ExitStack
) -> None:
    mat = LivingMat(mosquitto.port, closing)
    components = announced(home)["cmps"]
    values = {"comfortable_n": "80", "side_s": "75.0", "target_cpm": "10.5", "live_hz": "20", "start_side": "left"}
    values["position"] = "chair"
    for key, value in values.items():
        component = components[key]
        home.say(component["cmd_t"], rendered(component["cmd_tpl"], value=value).encode())
        config = until(
            home, component["stat_t"], lambda config, key=key, value=value: str(config[key]) in (value, f"{value}.0")
        )
        assert shown(component, config) in (value, f"{value}.0")
    switch = components["both_sides"]
    for payload, state in ((switch["pl_off"], "OFF"), (switch["pl_on"], "ON")):
        home.say(switch["cmd_t"], payload.encode())
        until(home, switch["stat_t"], lambda config, state=state: shown(switch, config) == state)
    plan = mat.steering.plan
    assert plan == Plan(comfortable_n=80.0, side_s=75.0, target_hz=10.5 / 60, first_side="left")
    turned = {key for key, component in components.items() if component["p"] in ("number", "select", "switch")}
    assert turned == {*values, "both_sides"}, "everything that can be turned was"


def test_every_button_works(mosquitto: Mosquitto, home: Watcher, closing: ExitStack) -> None:
    mat = LivingMat(mosquitto.port, closing, speed=10.0)
    components = announced(home)["cmps"]
    buttons = {key: component for key, component in components.items() if component["p"] == "button"}
    state = lambda name: until(home, "qlmat/m1/state", lambda said: said["state"] == name)
    pressed = []

    def do(key: str, event: str | None) -> None:
        pressed.append(key)
        before = len(home.heard)
        answer = press(home, buttons[key])
        assert answer["ok"] is True, answer
        told = [json.loads(m.payload)["name"] for m in home.heard[before:] if m.topic == "qlmat/m1/event"]
        if event is not None and event not in told:  # the answer may come before it
            until(home, "qlmat/m1/event", lambda said: said["name"] == event)

    state("waiting")
    do("identify", None)
    until(home, "qlmat/m1/state", lambda said: True)
    do("tare", "tared")
    do("start", "session_started")
    do("pause", "paused")
    do("resume", "resumed")
    mat.weight.foot_n = 30.0
    state("working")
    do("mark", "marked")
    do("stop", "session_stopped")
    assert set(pressed) == buttons.keys()


def test_the_mat_announces_itself_again_when_home_assistant_comes_up(
    mosquitto: Mosquitto, home: Watcher, closing: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qlmat.mqtt.BIRTH_DELAY_S", 0.5)
    LivingMat(mosquitto.port, closing)
    announced(home)
    home.on("qlmat/m1/health")
    home.say(BIRTH, b"offline")
    home.say(BIRTH, b"online")
    announced(home)
    home.on("qlmat/m1/config")


def test_a_mat_that_is_not_to_be_discovered_takes_its_announcement_back(
    mosquitto: Mosquitto, home: Watcher, mat: Open, watch: Open
) -> None:
    home.say(TOPIC, encode(PAYLOAD), retain=True)
    home.on(TOPIC)
    mat(mosquitto.port)
    assert home.on(TOPIC) == b""


def test_a_mat_with_another_id_takes_back_what_the_old_one_left(
    mosquitto: Mosquitto, home: Watcher, closing: ExitStack, watch: Open
) -> None:
    for topic in left_behind("old"):
        home.say(topic, b"{}", retain=True)
    LivingMat(mosquitto.port, closing, formerly="old")
    gone = {home.expect(lambda m: m.topic in left_behind("old") and m.payload == b"").topic for _ in left_behind("old")}
    assert gone == set(left_behind("old"))
    late = watch(mosquitto.port, topic="#")
    late.on("qlmat/m1/status")
    assert not [m.topic for m in late.heard if m.topic in left_behind("old")]


def test_a_private_mat_keeps_what_it_measures_to_itself(
    mosquitto: Mosquitto, home: Watcher, closing: ExitStack
) -> None:
    mat = LivingMat(mosquitto.port, closing, speed=10.0, private=True)
    mat.weight.foot_n = 30.0
    until(home, "qlmat/m1/state", lambda said: said["state"] == "working")
    mat.weight.foot_n = 0.0
    home.say("qlmat/m1/cmd/live")
    assert "keeps what it measures to itself" in json.loads(home.on("qlmat/m1/resp/live"))["reason"]
    home.say("qlmat/m1/cmd/stop")
    summary = json.loads(home.on("qlmat/m1/session/1"))
    assert summary["left"]["force_n"] is summary["left"]["force_max_n"] is None
    words = b" ".join(m.payload for m in home.heard if m.topic != TOPIC and not m.topic.endswith(("plan", "config")))
    assert not [m for m in home.heard if m.topic == "qlmat/m1/live"]
    assert not re.findall(rb'"\w+_(?:n|mm)":(?!null)', words)


def test_each_value_goes_to_a_topic_of_its_own_if_wanted(mosquitto: Mosquitto, home: Watcher, mat: Open) -> None:
    sink = mat(mosquitto.port, telling=Telling(values=True))
    sink.put(tick(0.0), frame())
    said = {key: home.on(f"qlmat/m1/value/{key}") for key in ("t_s", "state", "side", "on_mat")}  # in their order
    assert said == {"t_s": b"0.0", "state": b"waiting", "side": b"", "on_mat": b"false"}


def test_the_sample_of_the_settings_is_what_a_mat_says() -> None:
    assert Steering(Plan()).aims().items() <= SAMPLES["qlmat/m1/config"].items()
