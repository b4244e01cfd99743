"""What is outside the mat in `bench.mqtt`: a listener that stamps arrivals, attackers, and the sum of their figures."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

import numpy as np
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

FLOOD_HZ = 1000.0


def spread(values_s: list[float], scale: float) -> dict[str, float]:
    """Give median, 99th percentile and worst."""
    array = np.array(values_s) * scale
    return {"p50": float(np.median(array)), "p99": float(np.percentile(array, 99)), "max": float(array.max())}


def listen(port: int, topic: str, pipe: Connection) -> None:
    """Note when each message came, until told to end; then send (payload, nanoseconds) for each."""
    came: list[tuple[bytes, int]] = []
    client = Client(CallbackAPIVersion.VERSION2)
    client.on_message = lambda c, u, message: came.append((bytes(message.payload), time.monotonic_ns()))
    client.on_subscribe = lambda *args: pipe.send(None)
    client.connect("127.0.0.1", port)
    client.subscribe(topic, qos=1)
    client.loop_start()
    pipe.recv()
    client.disconnect()
    client.loop_stop()
    pipe.send(came)


GARBAGE = (
    ("bench/cmd/start", b"{" * 500),
    ("bench/cmd/start", bytes(range(256)) * 3),
    ("bench/cmd/plan", b'{"comfortable_n": "NaN", "both_sides": 7}'),
    ("bench/cmd/sudo", b"{}"),
    ("bench/cmd/start", b'{"at": "2999-01-01T00:00:00Z"}'),
    ("nobody/cmd/start", b"{}"),
)
HUGE = (("bench/cmd/start", b" " * 10_000_000),)
MARKS = (("bench/cmd/mark", b"{}"),)


def attack(port: int, messages: tuple[tuple[str, bytes], ...], hz: float, pipe: Connection) -> None:
    """Publish these by turns, so many a second, until told to end."""
    client = Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    pipe.send(None)
    due_s, sent = time.monotonic(), 0
    while not pipe.poll():
        topic, payload = messages[sent % len(messages)]
        given = client.publish(f"qlmat/{topic}", payload)
        if len(payload) > 100_000:
            given.wait_for_publish(10.0)
        sent += 1
        due_s += 1.0 / hz
        time.sleep(max(0.0, due_s - time.monotonic()))
    client.disconnect()
    client.loop_stop()


@contextmanager
def outside(work: Callable[..., None], *arguments: object) -> Iterator[Connection]:
    """Run a process of its own and wait until it is ready; it is told to end afterwards."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(*arguments, theirs), daemon=True)
    process.start()
    ours.recv()
    try:
        yield ours
    finally:
        if process.is_alive():
            ours.send(None)
        process.join(10.0)
        process.kill()
