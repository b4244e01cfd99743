"""How soon a `stop` from outside works, for `bench.mqtt`: in each state of a session, and under a flood of commands."""

import time
from contextlib import ExitStack, suppress

from bench.mqtt_outside import FLOOD_HZ, attack, outside, spread
from qlmat.core.model import State
from tests.shell.brokers import Mosquitto, Watcher
from tests.shell.living import LOADED, STATES, LivingMat


def begin(ear: Watcher) -> None:
    """Ask for a session until there is one: in a flood a start may find no room."""
    for _ in range(200):
        ear.post("qlmat/m1/cmd/start")
        with suppress(AssertionError):
            ear.expect(lambda message: b"session_started" in message.payload, patience_s=0.25)
            return
    raise AssertionError("no session began")


def bench_stop(broker: Mosquitto, rounds: int) -> dict[str, float]:
    """Time `stop` from outside on a whole virtual mat at the speed of life: in each state, and under a flood."""
    figures: dict[str, float] = {}
    with ExitStack() as closing:
        living = LivingMat(broker.port, closing)
        ear = Watcher(broker.port, topic="qlmat/m1/#")
        closing.callback(ear.close)
        living.wait_for(ear, "waiting")
        for state in STATES:
            took_s = [_stop_in(living, ear, state) for _ in range(3 if state in LOADED else rounds)]
            figures |= {f"stop_{name}_ms_{state}": spread(took_s, 1e3)[name] for name in ("p50", "max")}
    with ExitStack() as closing:
        LivingMat(broker.port, closing)
        ear = Watcher(broker.port, topic="qlmat/m1/event")
        closing.callback(ear.close)
        closing.enter_context(outside(attack, broker.port, (("m1/cmd/mark", b"{}"),), FLOOD_HZ))
        took_s = []
        for _ in range(3 * rounds):
            begin(ear)
            begun_s = time.monotonic()
            ear.post("qlmat/m1/cmd/stop")
            ear.expect(lambda message: b"session_stopped" in message.payload)
            took_s.append(time.monotonic() - begun_s)
    return figures | {f"stop_{name}_ms_flooded": value for name, value in spread(took_s, 1e3).items()}


def _stop_in(living: LivingMat, ear: Watcher, state: State) -> float:
    living.clock.run_at(20.0)
    living.reach(ear, state)
    living.clock.run_at(1.0)
    ear.on("qlmat/m1/state")
    begun_s = time.monotonic()
    ear.post("qlmat/m1/cmd/stop")
    ear.on("qlmat/m1/resp/stop")
    return time.monotonic() - begun_s
