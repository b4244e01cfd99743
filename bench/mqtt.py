"""What MQTT costs the control loop, and how soon a watcher knows: `python -m bench.mqtt [--json FILE] [--seconds S]`.

A real Mosquitto on loopback; the watcher is another process and stamps arrivals with the machine's monotonic clock.

event_p50_ms, event_p99_ms: from the control loop's hand (just before `put`) to the watcher's callback, 33 events a
second among 10 live pictures a second. peer_p50_ms, peer_p99_ms: the same for a plain paho script that publishes each
of the 14 values of the state to a topic of its own, 10 times a second, from the loop.
put_p50_us, put_p99_us: what one `put` takes of the loop. cpu_share: of one core, at 10 and 20 pictures and one event a
second, above a loop with nobody to tell; peer_cpu_share: the plain script's, 150 small messages a second at QoS 0.
held_events_per_s: how fast 1000 events given at once arrive (the pace of a replay); held_live_per_s: live pictures that
arrive of 2000 a second given.
late_p99_ms_*: how long after its moment a turn of a 100 Hz loop was through, with a healthy broker, a frozen one, a
dead one, and under attack: 1000 commands a second (flooded), 1000 a second of broken JSON, binary, wrong types,
unknown commands and unknown mats (garbage), 10 MB payloads without pause (huge); late_max_ms_* the worst turn;
late_without_*: the same of a loop without a broker that turns at the same time, in a process of its own; grown_mb_*:
memory taken meanwhile.
stop_p50_ms_*, stop_max_ms_*: from an outside client's `stop` to its hearing the answer, which the mat gives after its
outputs have moved, on a whole virtual mat at the speed of life, in each state of a session. stop_*_ms_flooded: to its
hearing that the session was stopped, under 1000 other commands a second.
"""

import argparse
import json
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from resource import getpagesize

import numpy as np
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from rich.console import Console
from rich.table import Table

from bench.mqtt_outside import FLOOD_HZ, GARBAGE, HUGE, MARKS, attack, listen, outside, spread
from bench.mqtt_stop import bench_stop
from qlmat.core.model import Contact, Contacts, Event, Frame, Movement, Practice, Tick
from qlmat.homeassistant import discovery_payload
from qlmat.inbox import Inbox, Requests
from qlmat.mqtt import BrokerSettings, MqttSink
from qlmat.outbox import Message
from qlmat.payloads import encode, live_payload
from qlmat.topics import TOPICS, state_payload
from tests.shell.brokers import Mosquitto

RATE_HZ, EVENT_EVERY = 100.0, 3
PEER_HZ = 10.0
VOLTS = np.ones(8)
Say = Callable[[int, float], None]  # scan number and time: tell whoever listens


def tick_at(scan: int, t_s: float, every: int = EVENT_EVERY) -> Tick:
    """Make a tick of a person at work, with an event at every third scan or as said."""
    events = (Event(t_s, "side_progress", "left", {"scan": float(scan)}),) if scan % every == 0 else ()
    contacts = Contacts(t_s, Contact(81.3, (3.21, -4.87), True), Contact(0.4, None, False))
    movement = Movement("left", "rock", 0.2, 0.01, 7, 12.0)
    return Tick(t_s, contacts, movement, Practice("working", "left", t_s, 90.0), events, None)


# --- the loop -------------------------------------------------------------------------------------------------------


def loop(seconds: float, say: Say, tempo: float = 1.0) -> tuple[list[float], list[float], float]:
    """Turn 100 times a second; return lateness and cost of each turn (s), and CPU share. `tempo` scales tick time."""
    late_s, cost_s = [], []
    cpu_s, begun_s = time.process_time(), time.monotonic()
    for scan in range(int(seconds * RATE_HZ)):
        due_s = begun_s + scan / RATE_HZ
        time.sleep(max(0.0, due_s - time.monotonic()))
        before_s = time.monotonic()
        say(scan, tempo * (due_s - begun_s))
        after_s = time.monotonic()
        late_s.append(after_s - due_s)
        cost_s.append(after_s - before_s)
    return late_s, cost_s, (time.process_time() - cpu_s) / seconds


def nobody(scan: int, t_s: float) -> None:
    """Make the tick and tell nobody."""
    tick_at(scan, t_s)


def told(sink: MqttSink, queue: Requests, stamps: dict[int, int] | None = None, every: int = EVENT_EVERY) -> Say:
    """Tell the mat's sink and answer what was asked, as the runtime does."""
    inbox = Inbox(queue)

    def say(scan: int, t_s: float) -> None:
        _, asked = inbox.take()
        tick = tick_at(scan, t_s, every)
        for each in asked:
            each.answer("no spot is being worked")
        if stamps is not None and tick.events:
            stamps[len(stamps) + 1] = time.monotonic_ns()
        sink.put(tick, Frame(t_s, VOLTS))

    return say


@contextmanager
def mat(port: int) -> Iterator[tuple[MqttSink, Requests]]:
    """Open a sink and wait until it is connected."""
    queue: Requests = SimpleQueue()
    sink = MqttSink(BrokerSettings(port=port), "bench", queue)
    end_s = time.monotonic() + 10.0
    while sink.protocol is None and time.monotonic() < end_s:
        time.sleep(0.01)
    try:
        yield sink, queue
    finally:
        sink.close()


def bench_events(broker: Mosquitto, seconds: float) -> dict[str, float]:
    """Time events from the loop to the watcher."""
    stamps: dict[int, int] = {}
    with outside(listen, broker.port, "qlmat/bench/event") as pipe, mat(broker.port) as (sink, queue):
        _, cost_s, _ = loop(seconds, told(sink, queue, stamps))
        sink.close()
        pipe.send(None)
        came = pipe.recv()
    arrived = {json.loads(payload)["n"]: at_ns for payload, at_ns in came}
    latency = spread([(arrived[n] - at_ns) / 1e9 for n, at_ns in stamps.items() if n in arrived], 1e3)
    put = spread(cost_s, 1e6)
    return {
        "events": float(len(stamps)),
        "events_missing": float(len(stamps.keys() - arrived.keys())),
        **{f"event_{name}_ms": value for name, value in latency.items()},
        **{f"put_{name}_us": value for name, value in put.items()},
    }


def bench_peer(broker: Mosquitto, seconds: float, idle_cpu: float) -> dict[str, float]:
    """Time a plain paho script: each value to its own topic from the loop."""
    client = Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()

    def say(scan: int, t_s: float) -> None:
        tick = tick_at(scan, t_s)
        if scan % int(RATE_HZ / PEER_HZ) == 0:
            for key, value in state_payload(tick, 100.0, 0).items():
                client.publish(f"peer/{key}", json.dumps(value))
            client.publish("peer/sent", str(time.monotonic_ns()), qos=1)

    with outside(listen, broker.port, "peer/sent") as pipe:
        _, cost_s, cpu = loop(seconds, say)
        time.sleep(0.2)
        pipe.send(None)
        came = pipe.recv()
    client.disconnect()
    client.loop_stop()
    latency = spread([(at_ns - int(payload)) / 1e9 for payload, at_ns in came], 1e3)
    busy = [cost for index, cost in enumerate(cost_s) if index % int(RATE_HZ / PEER_HZ) == 0]
    return {
        **{f"peer_{name}_ms": value for name, value in latency.items()},
        "peer_put_p50_us": spread(busy, 1e6)["p50"],
        "peer_cpu_share": cpu - idle_cpu,
    }


def resident_mb() -> float:
    """Read how much memory this process holds, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * getpagesize() / 1e6


def bare(seconds: float, pipe: Connection) -> None:
    """Turn a loop that tells nobody, in a process of its own, and send its lateness."""
    pipe.send(None)
    pipe.send(loop(seconds, nobody)[0])
    pipe.recv()


def bench_lateness(folder: Path, seconds: float) -> dict[str, float]:
    """Turn the loop with the broker in each of its moods, and beside it one that has no broker at all."""
    figures: dict[str, float] = {}
    attacks = {"flooded": (MARKS, FLOOD_HZ), "garbage": (GARBAGE, FLOOD_HZ), "huge": (HUGE, 20.0)}
    for mood in ("healthy", "frozen", "dead", *attacks):
        with ExitStack() as closing:
            broker = Mosquitto(folder)
            closing.callback(broker.stop)
            broker.start()
            sink, queue = closing.enter_context(mat(broker.port))
            if mood == "frozen":
                broker.freeze()
            elif mood == "dead":
                broker.stop(signal.SIGKILL)
            elif mood in attacks:
                closing.enter_context(outside(attack, broker.port, *attacks[mood]))
            beside = closing.enter_context(outside(bare, seconds))
            begun_mb = resident_mb()
            ours = spread(loop(seconds, told(sink, queue))[0], 1e3)
            figures[f"grown_mb_{mood}"] = resident_mb() - begun_mb
            theirs = spread(beside.recv(), 1e3)
            for name, values in (("late", ours), ("late_without", theirs)):
                figures[f"{name}_p99_ms_{mood}"], figures[f"{name}_max_ms_{mood}"] = values["p99"], values["max"]
    return figures


def bench_held(broker: Mosquitto) -> dict[str, float]:
    """Give more than can be said, and see what arrives how fast."""
    figures = {}
    with outside(listen, broker.port, "qlmat/bench/event") as pipe, mat(broker.port) as (sink, _):
        event = tick_at(0, 0.0)
        for _ in range(1000):
            sink.put(event, Frame(0.0, VOLTS))
        time.sleep(1000 / 200 + 1.0)
        pipe.send(None)
        came = pipe.recv()
        figures["held_events_arrived"] = float(len({json.loads(payload)["n"] for payload, _ in came}))
        figures["held_events_per_s"] = (len(came) - 1) / ((came[-1][1] - came[0][1]) / 1e9)
    with outside(listen, broker.port, "qlmat/bench/live") as pipe, mat(broker.port) as (sink, _):
        sink.put(event, Frame(0.0, VOLTS))
        picture = Message("qlmat/bench/live", encode(live_payload(event)))
        begun_s = time.monotonic()
        for given in range(6000):
            sink.outbox.picture(picture)
            sink.wake()
            time.sleep(max(0.0, begun_s + given / 2000 - time.monotonic()))
        took_s = time.monotonic() - begun_s
        pipe.send(None)
        figures["held_live_per_s"] = len(pipe.recv()) / took_s
    return figures


def measure(folder: Path, seconds: float) -> dict[str, float]:
    """Take all figures."""
    idle_cpu = loop(seconds, nobody)[2]
    figures: dict[str, float] = {}
    broker = Mosquitto(folder)
    broker.start()
    try:
        figures |= bench_events(broker, 4 * seconds)
        for live_hz in (10, 20):
            with mat(broker.port) as (sink, queue):
                figures[f"cpu_share_{live_hz}_hz"] = (
                    loop(seconds, told(sink, queue, every=int(RATE_HZ)), live_hz / 10)[2] - idle_cpu
                )
        figures |= bench_peer(broker, 2 * seconds, idle_cpu)
        figures |= bench_held(broker)
        figures |= bench_stop(broker, 20)
    finally:
        broker.stop()
    figures |= bench_lateness(folder, seconds)
    whole = [topic for topic in TOPICS if isinstance(topic.sample, dict)]
    figures |= {f"bytes_{topic.name.split('/')[0]}": float(len(encode(topic.sample))) for topic in whole}
    return figures | {
        "bytes_discovery": float(len(encode(discovery_payload("mat-1", "QL Mat", "0.1.0", coached=True))))
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.mqtt", description=(__doc__ or "").split(":")[0])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each of some fifteen runs; 10 by default")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), options.seconds)
    table = Table("figure", "value", title="MQTT on loopback, Mosquitto without TCP delay")
    for name, value in figures.items():
        table.add_row(name, f"{value:.4g}")
    Console().print(table)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
