"""The command line itself: quick to answer, and documented by what it prints."""

import subprocess
import sys
from pathlib import Path

from qlmat.config import parse
from qlmat.topic_page import topics_markdown
from qlmat.topics import TOPICS
from qlmat_firmware.board import BOARD_V1
from tests.cli.processes import environment, qlmat

HEAVY = {
    "numpy",
    "pydantic",
    "paho",
    "uvicorn",
    "starlette",
    "amqtt",
    "asyncio",
    "gpiozero",
    "adafruit_ads1x15",
    "smbus2",
}
LOADED_BY_HELP = """
import sys
from qlmat.cli.main import main
try:
    main(["--help"])
except SystemExit as end:
    print(end.code, *sys.modules, file=sys.stderr)
"""


def test_help_loads_no_heavy_library(tmp_path: Path) -> None:
    outcome = subprocess.run(
        [sys.executable, "-c", LOADED_BY_HELP],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    code, *loaded = outcome.stderr.split()
    assert code == "0"
    assert not HEAVY & set(loaded)
    assert {"demo", "run", "replay", "record", "config", "topics", "version"} <= set(outcome.stdout.split())


def test_the_sample_is_a_configuration_that_is_good(tmp_path: Path) -> None:
    sample = qlmat("config", "sample", cwd=tmp_path).stdout
    assert parse(sample, BOARD_V1, "sample").board == BOARD_V1
    (tmp_path / "mat.toml").write_text(sample)
    outcome = qlmat("config", "check", "mat.toml", cwd=tmp_path)
    assert outcome.returncode == 0
    assert outcome.stdout.startswith("mat.toml: good. Mat 'mat', broker localhost:1883, 2 chips, 6 sensors")


def test_topics_are_those_of_the_one_table(tmp_path: Path) -> None:
    table = qlmat("topics", cwd=tmp_path, COLUMNS="80").stdout
    assert all(topic.template in table for topic in TOPICS)
    assert qlmat("topics", "--markdown", cwd=tmp_path).stdout == topics_markdown()


def test_the_version_names_the_program(tmp_path: Path) -> None:
    assert qlmat("version", cwd=tmp_path).stdout.startswith("qlmat 0.")
