"""The page's ear on the broker: one thread that subscribes to every mat and comes back when the broker does.

MQTT 5 first; MQTT 3.1.1 when the broker refuses. The thread owns the connection and only hands messages on.
"""

import random
import threading
from collections.abc import Callable

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

KEEPALIVE_S = 10
POLL_S = 0.2  # longest wait inside paho, hence longest wait for us to end
RETRY_S = (0.5, 5.0)  # first and longest pause between attempts; each pause varies by a quarter, so pages spread
MAX_PACKET_BYTES = 65536
COMMAND_EXPIRY_S = 5  # a stop or start that could not be delivered at once must not happen later

Deliver = Callable[[str, bytes, bool], None]
Connected = Callable[[bool], None]


class Feed:
    """A connection to the broker for watching mats and sending them commands."""

    def __init__(self, host: str, port: int, root: str, deliver: Deliver, connected: Connected) -> None:
        """Prepare; nothing is connected before `start`. Both callbacks are called on the feed's thread."""
        self._host, self._port, self._root = host, port, root
        self._deliver, self._connected = deliver, connected
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="broker", daemon=True)
        self._client: Client | None = None
        self._version = MQTTProtocolVersion.MQTTv5

    def start(self) -> None:
        """Connect in the background, and again whenever the connection is lost."""
        self._thread.start()

    def close(self) -> None:
        """Leave the broker; returns in well under a second."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(timeout=0.5)

    def command(self, mat: str, name: str) -> bool:
        """Send a command to a mat, never retained; False when the broker is not connected."""
        client = self._client
        if client is None or not client.is_connected():
            return False
        expiry = None
        if self._version == MQTTProtocolVersion.MQTTv5:
            expiry = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho has no types here
            expiry.MessageExpiryInterval = COMMAND_EXPIRY_S
        sent = client.publish(f"{self._root}/{mat}/cmd/{name}", b"", qos=1, retain=False, properties=expiry)
        return sent.rc == MQTTErrorCode.MQTT_ERR_SUCCESS

    def _run(self) -> None:
        pause_s = RETRY_S[0]
        while not self._closing.is_set():
            version = self._version
            if self._stay_connected():
                pause_s = RETRY_S[0]
            self._connected(False)
            if self._version == version:  # else the broker just told us which version it speaks: no pause
                self._closing.wait(pause_s * random.uniform(0.75, 1.25))  # noqa: S311 - spreads load, hides nothing
                pause_s = min(2 * pause_s, RETRY_S[1])

    def _stay_connected(self) -> bool:
        """Connect and serve until the connection ends; True when the broker had accepted us."""
        accepted = False

        def on_connect(client: Client, _: object, __: ConnectFlags, reason: ReasonCode, ___: Properties | None) -> None:
            nonlocal accepted
            if reason == "Unsupported protocol version":
                self._version = MQTTProtocolVersion.MQTTv311
            if not reason.is_failure:
                accepted = True
                client.subscribe(f"{self._root}/+/#", qos=1)
                self._connected(True)

        client = self._new_client()
        client.on_connect = on_connect
        try:
            client.connect(self._host, self._port, keepalive=KEEPALIVE_S, properties=self._limits())
        except OSError:
            return False
        self._client = client
        while not self._closing.is_set() and client.loop(timeout=POLL_S) == MQTTErrorCode.MQTT_ERR_SUCCESS:
            pass
        self._client = None
        client.disconnect()
        return accepted

    def _new_client(self) -> Client:
        client = Client(CallbackAPIVersion.VERSION2, protocol=self._version)
        client.connect_timeout = 2.0

        def on_message(_: Client, __: object, message: MQTTMessage) -> None:
            self._deliver(message.topic, bytes(message.payload), message.retain)

        client.on_message = on_message
        return client

    def _limits(self) -> Properties | None:
        if self._version != MQTTProtocolVersion.MQTTv5:
            return None
        limits = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho has no types here
        limits.MaximumPacketSize = MAX_PACKET_BYTES
        return limits
