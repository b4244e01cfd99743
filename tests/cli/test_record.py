"""What is recorded can be replayed to the same events."""

import json
import re
import resource
import subprocess
from pathlib import Path

from tests.cli.processes import PATIENCE_S, QLMAT, environment, qlmat

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


def test_a_full_disk_ends_the_recording_in_one_line_and_leaves_no_half_file(tmp_path: Path) -> None:
    def no_more_than_20_kb() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    command = [*QLMAT, "record", "--device", "virtual", "--seconds", "600", "--speed", "1000", "-o", "w.csv"]
    outcome = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment(),
        preexec_fn=no_more_than_20_kb,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert outcome.returncode == 2
    assert outcome.stderr == (
        "qlmat: w.csv: cannot be written (file too large): check the folder, its rights and free space\n"
    )
    assert list(tmp_path.iterdir()) == []
