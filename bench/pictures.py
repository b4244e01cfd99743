"""Take the pictures of the documentation from a real run of `qlmat demo`: `python -m bench.pictures`.

Needs Chromium (`apt-get install chromium`) and a minute and a half: the pictures are taken when the virtual person
leans in too hard and the mat says so. Writes docs/pictures/page.png, page-phone.png, page-lying.png, page-you.png,
page-mat.png and terminal.svg.
"""

import argparse
import io
import json
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from rich.console import Console

from bench.browser import Browser
from qlmat.cli.view_picture import Look, picture
from qlmat.cli.view_reading import Reading
from qlmat.dashboard.words import load_words

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
HARD = "document.querySelector('#cue-name').textContent === 'A bit much'"  # 45 s after the demo began
HARD_S = 150.0
NAMES = {"profile": "you"}
STEADY = "document.querySelector('#pace-advice').textContent === 'A good pace'"


class Listener:
    """Follows a mat over MQTT as a watcher would, for the terminal's picture."""

    def __init__(self, port: int) -> None:
        self._reading = Reading(None)
        self._lock = threading.Lock()
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_connect = lambda client, *_: client.subscribe("qlmat/+/#", qos=1)
        self._client.on_message = self._hear
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def _hear(self, _: Client, __: object, message: MQTTMessage) -> None:
        kind = message.topic.split("/")[2]
        with self._lock:
            if kind == "plan":
                self._reading.aims = json.loads(message.payload)
            elif kind == "live":
                self._reading.see(json.loads(message.payload))

    def picture(self, foot: str) -> str:
        """Draw the terminal view as SVG, without the fonts that rich would have fetched from elsewhere."""
        console = Console(record=True, width=80, file=io.StringIO(), force_terminal=True)
        with self._lock:
            console.print(picture(self._reading, Look("QL Mat", foot, True, load_words())))
        svg = console.export_svg(title="qlmat demo")
        return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)

    def close(self) -> None:
        """Leave the broker."""
        self._client.disconnect()
        self._client.loop_stop()


def take(url: str, broker_port: int, folder: Path) -> None:
    """Open the page, wait for the moment, take the pictures."""
    listener = Listener(broker_port)
    with Browser() as browser:
        browser.look(1280, 800, "light")
        browser.open(url)
        browser.wait_for("document.body?.dataset.link === 'live'")
        browser.wait_for(HARD, HARD_S)
        browser.picture(folder / "page.png")
        (folder / "terminal.svg").write_text(
            listener.picture(f"Page {url}   Broker 127.0.0.1:{broker_port}   Ctrl-C ends")
        )
        browser.look(390, 844, "dark", ratio=2.0, phone=True)
        browser.wait_for(STEADY, 60.0)
        browser.picture(folder / "page-phone.png")
        for screen, words in (("lying", "#lying-zone"), ("profile", ".care:not(:empty)"), ("mat", ".facts")):
            browser.evaluate(f"location.hash = '{screen}'")
            browser.wait_for(f"document.querySelector('{words}')")
            browser.evaluate("new Promise((done) => setTimeout(done, 1000))")  # numbers come four times a second
            browser.picture(folder / f"page-{NAMES.get(screen, screen)}.png")
        problems = browser.console
    listener.close()
    if problems:
        raise SystemExit(f"the page complained: {problems[0]}")


def main() -> None:
    """Run the demo, take the pictures, end the demo."""
    parser = argparse.ArgumentParser(description="Take the pictures of the documentation from a real run.")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-c", "from qlmat.cli.main import main; main()", "demo", "--no-browser"]
    demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert demo.stdout is not None
    try:
        said = ""
        while "Virtual mat" not in said:  # then page and broker are up
            said += demo.stdout.readline()
            assert demo.poll() is None, f"the demo did not start: {said}"
        threading.Thread(target=demo.stdout.read, daemon=True).start()  # its plain lines, so that it never waits
        page, broker = re.search(r"http://\S+", said), re.search(r"mqtt://(\S+):(\d+)", said)
        assert page is not None and broker is not None, said
        take(page.group(), int(broker.group(2)), folder)
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(10)
    for path in sorted(folder.iterdir()):
        print(f"{path.name:<16} {path.stat().st_size / 1000:6.1f} kB")


if __name__ == "__main__":
    main()
