"""How fast the pipeline is, and what a running mat costs: `python -m bench.pipeline [--json FILE]`.

scans_per_s: scans of six sensors and two rails pushed through the pure pipeline in one process, a person rocking at
12 a minute through a whole session; the median of several runs.
run_cpu_share: CPU seconds per second of the whole process `qlmat run --device virtual`, with a broker, at 100 scans a
second in real time. The same loop, run once more in this process, tells virtual hardware and driver from the rest.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from math import cos, pi, radians, sin
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in `qlmat`: one process, one core

import numpy as np
from rich.console import Console
from rich.table import Table

from qlmat.broker import DemoBroker
from qlmat.cli.daemon import Ending, run_mat
from qlmat.cli.days import find_story
from qlmat.cli.device import open_story
from qlmat.config import parse
from qlmat.core.calibration import Curve, nominal_calibration
from qlmat.core.model import Frame
from qlmat.core.pipeline import Pipeline
from qlmat.core.plan import Plan
from qlmat.mqtt import BrokerSettings
from qlmat.ports import FrameSource
from qlmat_firmware.board import BOARD_V1
from qlmat_firmware.pins import mock_pins

RATE_HZ, START_S, RUN_S = 100.0, 3.0, 12.0
SESSION_S, ROCK_HZ, REPEATS = 120.0, 0.2, 5
SEED = 7  # fixed: the noise is the same in every run
ABOUT = {
    "scans_per_s": "through the pure pipeline, six sensors; aim: 20,000",
    "pipeline_cpu_share": "of a core at 100 scans a second, from the line above",
    "run_cpu_share": "of a core: the whole process `qlmat run --device virtual`, start-up taken out",
    "run_scans_per_s": "that it really made, asked for 100",
    "read_cpu_share": "virtual hardware and driver, in the same loop in this process",
    "loop_cpu_share": "all else there, which is what a real mat keeps: loop, pipeline, outputs, MQTT",
}


def rocking_frames(rate_hz: float = RATE_HZ) -> list[Frame]:
    """Give the frames of a person who lies down at 2 s on the left pad and rocks: ideal dividers, 0.5 % noise."""
    t_s = np.arange(0.0, SESSION_S, 1.0 / rate_hz)
    swing = np.sin(2 * pi * ROCK_HZ * t_s)
    total_n = np.where(t_s > 2.0, 95.0 + 12.0 * swing, 0.0)
    feet = [
        total_n / 3 * (1 + 2 * (18.0 * swing * cos(radians(angle)) + 4.0 * sin(radians(angle))) / 70.0)
        for angle in (90.0, 210.0, 330.0)
    ]
    newtons = np.stack([*feet, *[np.zeros_like(t_s)] * 3], axis=-1) + 1.5
    noise = 1 + 0.005 * np.random.default_rng(SEED).standard_normal(newtons.shape)
    ohm = (Curve().scale_ohm_n / newtons + Curve().floor_ohm) * noise
    volts = np.column_stack([3.3 * 1000.0 / (1000.0 + ohm), np.full((len(t_s), 2), 3.3)])
    return [Frame(float(at), row) for at, row in zip(t_s, volts, strict=True)]


def scans_per_s(frames: list[Frame]) -> float:
    """Push the frames through a fresh pipeline several times; return the median rate."""
    rates = []
    for _ in range(REPEATS):
        pipeline = Pipeline(BOARD_V1, nominal_calibration(BOARD_V1), Plan())
        begun_s = time.process_time()
        for frame in frames:
            tick = pipeline.push(frame)
        rates.append(len(frames) / (time.process_time() - begun_s))
    assert tick.practice.state == "switching", "the frames must lead through a whole side, or too little was measured"
    return statistics.median(rates)


def run_cpu_s(seconds: float, folder: Path, port: int) -> tuple[float, int]:
    """Run the mat in a process of its own for so long; return its CPU seconds and the scans it made."""
    config = folder / "mat.toml"
    config.write_text(f'[broker]\nport = {port}\n[bus]\nrate = "{RATE_HZ:g} Hz"\nsampling = "pipelined"\n')
    command = [sys.executable, "-m", "qlmat.cli.main", "run", "--device", "virtual", "--config", str(config)]
    with subprocess.Popen(
        [*command, "--seconds", str(seconds)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"qlmat run ended with {process.returncode}: run it by hand with {config} to see why")
    return used.ru_utime + used.ru_stime, int(said.split("Ended: ")[1].split(" scans")[0])


def run_shares() -> tuple[float, float]:
    """Return CPU seconds per second and scans per second of a running mat, start-up taken out by difference."""
    with tempfile.TemporaryDirectory() as folder, DemoBroker(0) as broker:
        short_cpu_s, short_scans = run_cpu_s(START_S, Path(folder), broker.port)
        long_cpu_s, long_scans = run_cpu_s(START_S + RUN_S, Path(folder), broker.port)
    return (long_cpu_s - short_cpu_s) / RUN_S, (long_scans - short_scans) / RUN_S


class Timed:
    """A `FrameSource` that adds up the CPU seconds spent in its source."""

    def __init__(self, source: FrameSource) -> None:
        self._source, self.cpu_s = source, 0.0

    def read(self) -> Frame | None:
        """Give the next scan."""
        begun_s = time.thread_time()
        frame = self._source.read()
        self.cpu_s += time.thread_time() - begun_s
        return frame

    def close(self) -> None:
        """Leave closing to whoever opened the source."""


def split_shares() -> tuple[float, float]:
    """Return CPU seconds per second of reading (virtual hardware and driver) and of all else, in real time."""
    settings = parse(f'[bus]\nrate = "{RATE_HZ:g} Hz"\nsampling = "pipelined"\n', BOARD_V1, "bench")
    with DemoBroker(0) as address:
        device = open_story(settings, find_story("demo"), 1.0, mock_pins())
        timed = Timed(device.mat.source)
        device = replace(device, mat=replace(device.mat, source=timed))
        begun_s = time.process_time()
        run_mat(settings, device, BrokerSettings(*address), Ending(), real_s=RUN_S)
        whole_s = time.process_time() - begun_s
    return timed.cpu_s / RUN_S, (whole_s - timed.cpu_s) / RUN_S


def measure() -> dict[str, float]:
    """Measure everything."""
    frames = rocking_frames()
    rate = scans_per_s(frames)
    share, scans_hz = run_shares()
    read_share, loop_share = split_shares()
    return {
        "scans_per_s": rate,
        "pipeline_cpu_share": RATE_HZ / rate,
        "run_cpu_share": share,
        "run_scans_per_s": scans_hz,
        "read_cpu_share": read_share,
        "loop_cpu_share": loop_share,
    }


def main() -> None:
    """Print the table and, if asked, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    asked = parser.parse_args()
    figures = measure()
    table = Table("figure", "value", "what it is", title="Pipeline and running mat on this machine, one process")
    for name, value in figures.items():
        table.add_row(name, f"{value:,.0f}" if value > 100 else f"{value:.3f}", ABOUT[name])
    Console().print(table)
    if asked.json is not None:
        asked.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
