"""Scans a second of the pipelined sampler beside the Adafruit loop: `python -m bench.sampling [--faults]`.

Both run over the emulated bus and chips (ADS1115, 860 SPS, four inputs of each chip, oscillator at its nominal rate)
in virtual time, with the software costs of a Pi from the ADC facts: 130 us a transfer through Blinka for the Adafruit
driver, 60 us through one ioctl for ours; our thread wakes 10 us late, because it cuts its timer slack.

rows: bus_khz, chips, adafruit, worst_wait, calibrated, limit, silicon (scans of all inputs a second), ratio. `limit` is
that of single shots one after the other: 25 us to wake up, one period, the 37 bits of a start; or 85 bits a sample
where the bus is full. Ours sends a start off before the conversion ends, because it takes effect with its last bit;
`silicon` is the limit with all of its bits hidden so.
cost: processor time of our software on this machine, see `bench.sampling_cost`.
--motion: false_motion and disturbances of `bench.sampling_motion`: samples at one instant, mains, motor.
--faults: samples, wrong_channel, stale, recovery_p99_s of `bench.sampling_faults`, in two processes.
"""

import argparse
import json
import logging
from pathlib import Path
from typing import Any

from adafruit_ads1x15 import ADS1115, AnalogIn
from rich.console import Console
from rich.table import Table

from bench.sampling_cost import measure_cost
from bench.sampling_faults import campaign
from bench.sampling_motion import disturbances, false_motion
from qlmat.core.model import Board, Chip, Sensor
from qlmat.sim.ads1x15 import ChipTraits, VirtualAds1x15
from qlmat.sim.analog import FixedVolts
from qlmat.sim.clock import VirtualClock
from qlmat.sim.i2c import PI_BLINKA_S, PI_LEAN_S, VirtualI2C
from qlmat_firmware.sampler import PipelinedSource

SUM_OF_BITS, START_BITS = 85, 37
WAKE_UP_S, PERIOD_S = 25e-6, 1 / 860
CUT_OVERSHOOT_S = 10e-6  # ADC facts C: with PR_SET_TIMERSLACK; 80 us without
SCANS, SETTLING_SCANS = 400, 40


def board_of(chips: int) -> Board:
    """Lay out some chips with all four inputs of each in use."""
    addresses = range(0x48, 0x48 + chips)
    sensors = tuple(Sensor(f"s{a:x}_{i}", "left", 0.0, 0.0, a, i) for a in addresses for i in range(4))
    return Board(chips=tuple(Chip(a, rail_input=None) for a in addresses), sensors=sensors)


def bus_of(chips: int, scl_hz: float, software_s: float) -> VirtualI2C:
    """Build the emulated bus with its chips, on a clock of its own."""
    bus = VirtualI2C(VirtualClock(sleep_overshoot_s=CUT_OVERSHOOT_S), scl_hz, software_s)
    for number in range(chips):
        volts = [0.3 + 0.1 * number + 0.6 * input_ for input_ in range(4)]
        bus.attach(0x48 + number, VirtualAds1x15(analog=FixedVolts(*volts), traits=ChipTraits()))
    return bus


def adafruit_scans_per_s(chips: int, scl_hz: float) -> float:
    """Time the Adafruit driver reading one input after the other."""
    bus = bus_of(chips, scl_hz, PI_BLINKA_S)
    drivers = [ADS1115(bus, gain=1, data_rate=860, address=0x48 + number) for number in range(chips)]
    inputs = [AnalogIn(driver, input_) for driver in drivers for input_ in range(4)]
    began_s = bus.clock.now_s()
    for _ in range(SCANS // 4):
        for one in inputs:
            _ = one.value
    return SCANS // 4 / (bus.clock.now_s() - began_s)


def our_scans_per_s(chips: int, scl_hz: float, calibrate: bool) -> float:
    """Time the sampler flat out, from sample to sample, every channel of every frame present."""
    bus = bus_of(chips, scl_hz, PI_LEAN_S)
    source = PipelinedSource(board_of(chips), bus, bus.clock, None, calibrate=calibrate)
    for _ in range(SETTLING_SCANS):
        source.read()
    frames = [source.read() for _ in range(SCANS)]
    assert not any(map(_incomplete, frames)), "a sample is absent without a fault"
    return (SCANS - 1) / (frames[-1].t_s - frames[0].t_s)


def _incomplete(frame: Any) -> bool:
    return bool((frame.volts != frame.volts).any())


def limit_scans_per_s(chips: int, scl_hz: float, start_bits: int = START_BITS) -> float:
    """Say what single shots allow at most: by the conversions of one chip, or by the bits of all."""
    conversions_s = 4 * (WAKE_UP_S + PERIOD_S + start_bits / scl_hz)
    return 1 / max(conversions_s, 4 * chips * SUM_OF_BITS / scl_hz)


def measure_rows() -> list[dict[str, float]]:
    """Measure every bus speed and number of chips."""
    rows = []
    for bus_khz in (100, 400):
        for chips in (1, 2, 4):
            scl_hz = bus_khz * 1e3
            row: dict[str, float] = {"bus_khz": bus_khz, "chips": chips}
            row["adafruit"] = adafruit_scans_per_s(chips, scl_hz)
            row["worst_wait"] = our_scans_per_s(chips, scl_hz, calibrate=False)
            row["calibrated"] = our_scans_per_s(chips, scl_hz, calibrate=True)
            row["limit"] = limit_scans_per_s(chips, scl_hz)
            row["silicon"] = limit_scans_per_s(chips, scl_hz, start_bits=0)
            row["ratio"] = row["worst_wait"] / row["adafruit"]
            rows.append({key: round(value, 2) for key, value in row.items()})
    return rows


def show(title: str, rows: list[dict[str, Any]]) -> None:
    """Print rows as a table."""
    table = Table(*rows[0], title=title)
    for row in rows:
        table.add_row(*(f"{value:g}" if isinstance(value, float) else str(value) for value in row.values()))
    Console().print(table)


def main() -> None:
    """Measure, print, and write the figures if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--faults", action="store_true", help="run the campaign of faults too")
    parser.add_argument("--motion", action="store_true", help="measure false motion, mains and motor too")
    parser.add_argument("--samples", type=int, default=2_000_000, help="samples of the campaign")
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    figures: dict[str, Any] = {"rows": measure_rows()}
    show("Scans a second, ADS1115 at 860 SPS, four inputs a chip", figures["rows"])
    figures["cost"] = measure_cost()
    show("Processor time of the software around the bus, on this machine", figures["cost"])
    if options.motion:
        figures |= {"false_motion": false_motion(), "disturbances": disturbances()}
        show("What moves though it does not, rolling at 40 a minute", figures["false_motion"])
        show("Somebody lies still: before and after the mean over 0.1 s", figures["disturbances"])
    if options.faults:
        found = campaign(options.samples)
        figures |= found
        show("Campaign of faults", [{"figure": key, "value": value} for key, value in found.items()])
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
