"""What is recorded can be replayed to the same events."""

import json
import re
from pathlib import Path

from tests.cli.processes import qlmat

STORY = """
about = "Lies down, presses too hard, then rocks."
seed = 3
[[step]]
do = "wait"
seconds = 1
[[step]]
do = "place"
side = "right"
newtons = 90
[[step]]
do = "settle"
seconds = 17
[[step]]
do = "press"
newtons = 180
seconds = 4
[[step]]
do = "rock"
seconds = 30
cpm = 12
"""


def test_a_recording_replays_to_the_same_events(tmp_path: Path) -> None:
    (tmp_path / "story.toml").write_text(STORY)
    options = ["--device", "virtual", "--story", "story.toml", "--speed", "1000", "--seconds", "40"]
    recorded = qlmat("record", "-o", "w.csv", *options, cwd=tmp_path)
    assert recorded.returncode == 0, recorded.stderr
    happened = re.findall(r"^ +([0-9.]+) s  (\w+)", recorded.stdout, flags=re.MULTILINE)
    replayed = qlmat("replay", "w.csv", "--json", cwd=tmp_path)
    events = [event for line in replayed.stdout.splitlines() for event in json.loads(line)["events"]]
    assert [(f"{event['t_s']:.3f}", event["name"]) for event in events] == happened
    assert {"session_started", "too_hard"} <= {name for _, name in happened}
    assert replayed.stderr == ""


def test_recording_says_which_hardware_it_took_when_not_told(tmp_path: Path) -> None:
    (tmp_path / "mat.toml").write_text("[bus]\nnumber = 31\n")
    outcome = qlmat("record", "-o", "w.csv", "--seconds", "0.5", "--config", "mat.toml", cwd=tmp_path)
    assert "record: --device virtual, because /dev/i2c-31 does not exist" in outcome.stderr
    assert (outcome.returncode, (tmp_path / "w.csv").exists()) == (0, True)
