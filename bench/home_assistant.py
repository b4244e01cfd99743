"""A mat in a real Home Assistant: `python -m bench.home_assistant [--url http://127.0.0.1:8123] [--json FILE]`.

Begin a fresh Home Assistant on this machine, nothing else: `hass -c <an empty folder>` with this `configuration.yaml`:

    http: {server_port: 8123, server_host: 127.0.0.1}
    api:
    config:
    onboarding:

This makes its first user, adds MQTT over a Mosquitto of its own with the rights of `systemd/mosquitto`, starts
`qlmat run --device virtual`, and then, through Home Assistant alone: waits until every entity shows something,
diagnostics too; turns everything that can be turned and presses every button, and looks at what came of it on the mat;
kills the mat, gives it another id, makes it private, and takes its announcement back. Exit code 1 when
something was not as it must be.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from rich.console import Console
from rich.table import Table
from websockets.sync.client import connect

from qlmat.connection import BrokerSettings, take_back
from qlmat.homeassistant import ENTITIES, left_behind
from tests.shell.brokers import Mosquitto, Watcher

PATIENCE_S = 60.0
EMPTY = ("unknown", "unavailable")
NEVER_SHOWN = {"temperature_c", "clock"}  # unknown on a machine without a sensor, or without timesyncd
TURNED: Mapping[str, tuple[str, Mapping[str, Any], Any]] = {
    "comfortable_n": ("number.set_value", {"value": 85}, "85.0"),
    "side_s": ("number.set_value", {"value": 75}, "75.0"),
    "target_cpm": ("number.set_value", {"value": 10.5}, "10.5"),
    "live_hz": ("number.set_value", {"value": 20}, "20.0"),
    "start_side": ("select.select_option", {"option": "right"}, "right"),
    "position": ("select.select_option", {"option": "chair"}, "chair"),
    "both_sides": ("switch.turn_off", {}, "off"),
}
AT_WORK = ("pause", "resume", "mark", "stop")
AT_REST = ("identify", "start", "stop", "tare")


class House:
    """One Home Assistant, entered as its first user."""

    def __init__(self, url: str) -> None:
        self._url = url
        user = {"name": "bench", "username": "bench", "password": "bench-of-the-mat", "language": "en"}
        code = self.post("/api/onboarding/users", user | {"client_id": f"{url}/"})["auth_code"]
        grant = {"client_id": f"{url}/", "code": code, "grant_type": "authorization_code"}
        with urlopen(f"{url}/auth/token", urlencode(grant).encode(), timeout=PATIENCE_S) as answer:  # noqa: S310 - loopback
            self._token = json.load(answer)["access_token"]
        self._line = connect(url.replace("http", "ws") + "/api/websocket", max_size=None)
        self._line.recv()
        self._line.send(json.dumps({"type": "auth", "access_token": self._token}))
        self._line.recv()
        self._asked = 0

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Ask Home Assistant over HTTP; return its answer."""
        headers = {"Content-Type": "application/json"}
        if hasattr(self, "_token"):
            headers["Authorization"] = f"Bearer {self._token}"
        request = Request(self._url + path, json.dumps(body).encode(), headers)  # noqa: S310 - loopback
        with urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310 - loopback
            return json.load(answer)

    def ask(self, kind: str, **more: Any) -> Any:
        """Ask over the WebSocket; raise AssertionError with Home Assistant's words when it refuses."""
        self._asked += 1
        self._line.send(json.dumps({"id": self._asked, "type": kind, **more}))
        answer = json.loads(self._line.recv(PATIENCE_S))
        assert answer["success"], answer["error"]
        return answer["result"]

    def add_broker(self, port: int) -> str:
        """Add the MQTT integration as a person would; return the number of the entry."""
        flow = "/api/config/config_entries/flow"
        begun = self.post(flow, {"handler": "mqtt", "show_advanced_options": True})
        secure = {"set_client_cert": False, "set_ca_cert": "off"}
        login = {"username": "homeassistant", "password": "homeassistant"}
        said = {"broker": "127.0.0.1", "port": port, "protocol": "5", "other_settings": secure, **login}
        return str(self.post(f"{flow}/{begun['flow_id']}", said)["result"]["entry_id"])

    def states(self, mat_id: str) -> dict[str, str]:
        """Give what each entity of a mat shows, by its key."""
        all_states = {state["entity_id"]: state["state"] for state in self.ask("get_states")}
        ids = {entity.key: entity_id(mat_id, entity.key) for entity in ENTITIES}
        return {key: all_states[name] for key, name in ids.items() if name in all_states}

    def registered(self, mat_id: str) -> list[str]:
        """List the entities of a mat, the disabled too."""
        listed = self.ask("config/entity_registry/list")
        return [each["entity_id"] for each in listed if each["unique_id"].startswith(f"qlmat_{mat_id}_")]

    def enable(self, mat_id: str, entry: str) -> None:
        """Enable the diagnostics, as a person may."""
        for name in self.registered(mat_id):
            self.ask("config/entity_registry/update", entity_id=name, disabled_by=None)
        self.post(f"/api/config/config_entries/entry/{entry}/reload", {})

    def call(self, service: str, name: str, data: Mapping[str, Any]) -> None:
        """Call a service on an entity."""
        domain, _, what = service.partition(".")
        self.ask("call_service", domain=domain, service=what, target={"entity_id": name}, service_data=dict(data))


def entity_id(mat_id: str, key: str) -> str:
    """Spell the entity of a key."""
    platform = next(entity.platform for entity in ENTITIES if entity.key == key)
    return f"{platform}.qlmat_{mat_id}_{key}"


def wait(holds: Callable[[], bool], what: str) -> None:
    """Return once something holds; raise AssertionError naming it when it never does."""
    end_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end_s, f"never: {what}"
        time.sleep(0.2)


def guarded(folder: Path) -> Mosquitto:
    """Begin a broker with the rights we ship, and logins whose password is their name."""
    passwords, rights = folder / "passwords", folder / "rights"
    passwords.write_text("".join(f"{name}:{name}\n" for name in ("one", "two", "homeassistant", "admin")))
    rights.write_text((Path(__file__).parents[1] / "systemd/mosquitto/qlmat.acl").read_text())
    for path in (passwords, rights):
        path.chmod(0o600)
    subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True)
    broker = Mosquitto(folder, f"password_file {passwords}\nacl_file {rights}\n", anonymous=False)
    broker.start()
    return broker


@contextmanager
def mat(folder: Path, port: int, mat_id: str, more: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """Run the program as it is installed, on virtual hardware."""
    config = folder / "mat.toml"
    (folder / mat_id).write_text(mat_id)
    said = f'host = "127.0.0.1"\nport = {port}\nusername = "{mat_id}"\npassword_file = "{folder / mat_id}"\n{more}\n'
    config.write_text(f'[mat]\nid = "{mat_id}"\nname = "Bench"\n[broker]\n{said}')
    line = [sys.executable, "-m", "qlmat.cli.main", "run", "--device", "virtual", "--config", str(config)]
    process = subprocess.Popen([*line, "--store", str(folder / "store")], stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def look(house: House, entry: str, shown: dict[str, str]) -> None:
    """Wait until every entity has shown something, the diagnostics after they were enabled."""
    wait(lambda: len(house.registered("one")) == len(ENTITIES), "every entity registered")
    house.enable("one", entry)
    wanted = {entity.key for entity in ENTITIES if entity.platform != "button"} - NEVER_SHOWN

    def gather() -> bool:
        shown.update({key: said for key, said in house.states("one").items() if said not in EMPTY})
        return wanted <= shown.keys()

    try:
        wait(gather, "every entity shows something")
    except AssertionError as never:
        raise AssertionError(f"{never}: {sorted(wanted - shown.keys())}") from None


def turn(house: House, ear: Watcher) -> None:
    """Use everything that can be used; the mat's answers are heard on the broker."""
    wait(lambda: house.states("one")["state"] == "working", "a session at work")
    for key in (*AT_WORK, *AT_REST):
        house.call("button.press", entity_id("one", key), {})
        answer = json.loads(ear.on(f"qlmat/one/resp/{key}"))
        assert answer["ok"], answer
    buttons = {entity.key for entity in ENTITIES if entity.platform == "button"}
    assert buttons == {*AT_WORK, *AT_REST}, "every button was pressed"
    for key, (service, data, after) in TURNED.items():
        house.call(service, entity_id("one", key), data)
        wait(lambda key=key, after=after: house.states("one")[key] == after, f"{key} is {after}")  # type: ignore[misc]  # mypy cannot infer a lambda's defaults
    turned = {entity.key for entity in ENTITIES if entity.platform in ("number", "select", "switch")}
    assert turned == TURNED.keys(), "everything was turned"


def live(house: House, folder: Path, broker: Mosquitto) -> dict[str, str]:
    """Go through a mat's life; return what its entities showed."""
    shown: dict[str, str] = {}
    entry = house.add_broker(broker.port)
    ear = Watcher(broker.port, "qlmat/one/resp/+", user="admin")
    with mat(folder, broker.port, "one") as process:
        look(house, entry, shown)
        turn(house, ear)
        process.kill()
        wait(lambda: set(house.states("one").values()) == {"unavailable"}, "all is unavailable after a kill")
    with mat(folder, broker.port, "two"):
        admin = BrokerSettings(port=broker.port, username="admin", password="admin")
        assert take_back(admin, left_behind("one")) == ()
        wait(lambda: house.registered("one") == [], "the old id is gone")
        wait(lambda: len(house.registered("two")) == len(ENTITIES), "the new id is there")
    open_to_all = {entity_id("two", entity.key) for entity in ENTITIES if entity.when == "open"}
    with mat(folder, broker.port, "two", "private = true"):
        wait(lambda: not open_to_all & set(house.registered("two")), "what a private mat does not tell is gone")
        wait(lambda: len(house.registered("two")) == len(ENTITIES) - len(open_to_all), "and the rest has stayed")
    with mat(folder, broker.port, "two", "discovery = false"):
        wait(lambda: house.registered("two") == [], "what is not announced any more is gone")
    ear.close()
    return shown


def main() -> None:
    """Try everything and print what was shown."""
    parser = argparse.ArgumentParser(prog="python -m bench.home_assistant", description=(__doc__ or "").split(":")[0])
    parser.add_argument("--url", default="http://127.0.0.1:8123")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    house = House(options.url)
    version = house.ask("get_config")["version"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        broker = guarded(folder)
        try:
            shown = live(house, folder, broker)
        finally:
            broker.stop()
    table = Table("entity", "showed", title=f"Home Assistant {version}")
    for entity in ENTITIES:
        table.add_row(
            entity_id("one", entity.key), shown.get(entity.key, "pressed" if entity.platform == "button" else "unknown")
        )
    Console().print(table)
    Console().print(
        f"{len(ENTITIES)} entities, {len(AT_WORK + AT_REST)} presses, {len(TURNED)} settings: all as it must be."
    )
    if options.json:
        options.json.write_text(json.dumps({"version": version, "shown": shown}, indent=1) + "\n")


if __name__ == "__main__":
    main()
