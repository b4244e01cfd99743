"""A real Mosquitto on a free loopback port, and a client that watches it from outside."""

import shutil
import signal
import socket
import subprocess
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TextIO

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
V5, V311 = MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311
PATIENCE_S = 30.0  # for a loaded machine; every wait ends as soon as its condition holds


def free_port() -> int:
    """Find a loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(holds: Callable[[], bool]) -> None:
    """Return once a condition holds; AssertionError when it never does."""
    end_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end_s, "never happened"


def _drain(lines: TextIO) -> None:
    with lines:
        deque(lines, maxlen=0)


class Mosquitto:
    """One broker that can be stopped, killed, frozen and started again on the same port, with what it `remembers`."""

    def __init__(self, folder: Path, listener: str = "", anonymous: bool = True, remembers: bool = False) -> None:
        self._folder = folder
        self._remembers = remembers  # each change is written to disk, which takes time
        self._listener = listener
        self._anonymous = anonymous
        self._process: subprocess.Popen[str] | None = None
        self.port = free_port()

    def start(self) -> None:
        """Start it and return once it listens; moves to another port when somebody was quicker."""
        for _ in range(5):
            if self._try():
                return
            self.port = free_port()
        raise AssertionError("mosquitto does not start")

    def _try(self) -> bool:
        config = self._folder / "mosquitto.conf"
        config.write_text(
            f"listener {self.port} 127.0.0.1\n{self._listener}allow_anonymous {str(self._anonymous).lower()}\n"
            "user root\n"  # started by root it would else drop its rights, and with them the sight of this folder
            f"persistence {str(self._remembers).lower()}\npersistence_location {self._folder}/\n"
            "autosave_on_changes true\nautosave_interval 1\n"
            "connection_messages false\nlog_type error\nlog_type warning\nlog_type information\nset_tcp_nodelay true\n"
        )
        assert MOSQUITTO is not None
        self._process = subprocess.Popen([MOSQUITTO, "-c", str(config)], stderr=subprocess.PIPE, text=True)
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if line.rstrip().endswith("running"):
                # It would stop in the middle of a line that nobody reads.
                Thread(target=_drain, args=(self._process.stderr,), daemon=True).start()
                return True
        self.stop()
        return False

    def freeze(self) -> None:
        """Make it hold its connections and do nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End it, orderly or not."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(number)
            self._process.wait(PATIENCE_S)
            self._process = None


class Watcher:
    """An outside client: keeps what it heard, and waits for what it is asked to expect."""

    def __init__(
        self, port: int, topic: str = "#", protocol: MQTTProtocolVersion = V5, name: str = "", user: str = ""
    ) -> None:
        self.heard: list[MQTTMessage] = []
        self._queue: SimpleQueue[MQTTMessage] = SimpleQueue()
        self._subscribed: SimpleQueue[None] = SimpleQueue()
        self._v5 = protocol == V5
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=protocol)
        if user:  # whose password is the name
            self._client.username_pw_set(user, user)
        # Else a message waits 40 ms for the confirmation of the one before.
        self._client.on_socket_open = lambda client, userdata, s: s.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
        )
        self._client.on_message = lambda client, userdata, message: self._queue.put(message)
        self._client.on_subscribe = lambda *args: self._subscribed.put(None)
        self._client.on_connect = lambda client, *args: client.subscribe(topic, qos=1)
        self._client.reconnect_delay_set(1, 1)
        if name:
            lasting = Properties(PacketTypes.CONNECT)
            lasting.SessionExpiryInterval = 600
            self._client.connect("127.0.0.1", port, clean_start=False, properties=lasting)
        else:
            self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._subscribed.get(timeout=PATIENCE_S)

    def expect(self, wanted: Callable[[MQTTMessage], bool], patience_s: float = PATIENCE_S) -> MQTTMessage:
        """Return the first message not yet heard that is wanted; AssertionError when none comes."""
        end_s = time.monotonic() + patience_s
        while True:
            try:
                message = self._queue.get(timeout=max(0.0, end_s - time.monotonic()))
            except Empty:
                raise AssertionError(f"never came; heard {[(m.topic, m.payload) for m in self.heard]}") from None
            self.heard.append(message)
            if wanted(message):
                return message

    def on(self, topic: str) -> bytes:
        """Wait for the next message on one topic and return its payload."""
        return bytes(self.expect(lambda message: message.topic == topic).payload)

    def say(
        self,
        topic: str,
        payload: bytes = b"",
        retain: bool = False,
        answer_to: str = "",
        correlation: bytes = b"",
        expires_s: int = 0,
    ) -> None:
        """Publish at QoS 1, with a response topic and an expiry if given."""
        properties = None
        if self._v5 and (answer_to or expires_s):
            properties = Properties(PacketTypes.PUBLISH)
            if answer_to:
                properties.ResponseTopic = answer_to
                properties.CorrelationData = correlation
            if expires_s:
                properties.MessageExpiryInterval = expires_s
        self._client.publish(topic, payload, qos=1, retain=retain, properties=properties).wait_for_publish(PATIENCE_S)

    def post(self, topic: str, payload: bytes = b"") -> None:
        """Publish at QoS 1 without waiting for the broker."""
        self._client.publish(topic, payload, qos=1)

    def close(self) -> None:
        """Leave the broker."""
        self._client.disconnect()
        self._client.loop_stop()
