"""Findings about what is wired: bus, chips, sensors, motor, buzzer, light, button. Values in, findings out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan

from qlmat.core.model import Board
from qlmat.doctor import Area, Finding, failed, good, skipped, warning

WIRES = "check SDA, SCL, 3.3 V and ground of this chip; wires under 30 cm; pull-ups of 2 to 10 kOhm"
BAUD = "put 'dtparam=i2c_arm_baudrate=400000' into /boot/firmware/config.txt and restart"
SLOW_HZ, IDLE_HZ, NOMINAL_HZ, TOO_FAST_HZ = 150e3, 330e3, 400e3, 440e3
OSCILLATOR_RATIO = 0.10  # the data sheet's tolerance of the data rate
POLLING_RATIO = 0.03  # how exactly a conversion can be timed by asking
RAIL_LOW_V, RAIL_HIGH_V = 3.1, 3.5  # 3.3 V +-5 % of a Pi's rail
RAILS_APART_V = 0.05
AT_REST_V = 0.3  # of an empty pad: its plate weighs 2 N a foot at most
PRESSED_V = 0.2  # more than at rest: some 5 N on a foot, what a hand does without effort
NOISE_V = 0.02
BELOW_GROUND_V = -0.02
KEPT_RATE_RATIO = 0.95
SLOW_TRANSFER_S = 0.1  # the pipeline lives with it, but nobody should have to
STRANGE = {
    "timed_out": "the controller timed out",
    "bus_error": "the bus broke off",
    "no_answer": "no answer (errno 121)",
}


@dataclass(frozen=True, slots=True)
class ChipSeen:
    """What one chip of the board did. `errors`: failed transfers of `transfers` by kind.

    `finished_s`: how long a conversion took whose nominal time is `nominal_s`, None if it never finished.
    `kept`: whether its settings were found as written. `told_apart`: whether two inputs read alternately stay apart.
    `sixteen_bits`: None when the readings do not tell. `kernel_driver`: the name of one that holds the chip.
    """

    address: int
    part: str
    answered: bool
    transfers: int = 0
    errors: Mapping[str, int] = field(default_factory=dict)
    finished_s: float | None = None
    nominal_s: float = 0.0
    kept: bool = True
    told_apart: bool = True
    sixteen_bits: bool | None = None
    kernel_driver: str | None = None


@dataclass(frozen=True, slots=True)
class BusSeen:
    """The bus: who answers, its clock (None if it could not be told), its longest transfer, who else has it open."""

    name: str
    addresses: Sequence[int]
    scl_hz: float | None
    longest_s: float
    others: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class InputSeen:
    """One ADC input over some scans: mean, spread and highest volts; NaN where it never answered."""

    name: str
    mean_v: float
    sd_v: float
    highest_v: float


@dataclass(frozen=True, slots=True)
class ScansSeen:
    """A series of scans: every input, scans a second, and troubles the sampler told with what to do about them."""

    inputs: Sequence[InputSeen]
    rate_hz: float
    troubles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutputSeen:
    """One output: whether a pulse was given, what the person answered (None: not asked), whether it was off after."""

    name: str
    pulsed: bool
    noticed: bool | None
    off_after: bool


def bus_findings(seen: BusSeen, board: Board) -> list[Finding]:
    """Judge speed, addresses and other users of the bus."""
    found = [_speed(seen), _found(seen, board)]
    if seen.longest_s > SLOW_TRANSFER_S:
        said = f"{seen.name}: a transfer took {seen.longest_s * 1e3:.0f} ms"
        found.append(warning("Bus", "stuck", said, "something holds SDA or SCL: unplug the chips one by one"))
    if seen.others:
        said = f"{seen.name} is also open in {', '.join(seen.others)}"
        todo = "end that program: two on one chip read each other's inputs, and no error tells"
        found.append(warning("Bus", "shared", said, todo))
    return found


def _speed(seen: BusSeen) -> Finding:
    if seen.scl_hz is None:
        return skipped("Bus", "speed", f"{seen.name}: its speed cannot be told")
    khz = f"{seen.name} runs at {seen.scl_hz / 1e3:.0f} kHz"
    if seen.scl_hz < SLOW_HZ:
        return warning("Bus", "speed", khz, BAUD, scl_hz=round(seen.scl_hz))
    if seen.scl_hz < IDLE_HZ:
        todo = "an idle Pi 3 or Zero slows the bus with its core: 'core_freq_min=400' in config.txt keeps it"
        return warning("Bus", "speed", khz, todo, scl_hz=round(seen.scl_hz))
    if seen.scl_hz > TOO_FAST_HZ:
        return failed("Bus", "speed", khz, f"the chips are made for 400 kHz at most: {BAUD}", scl_hz=round(seen.scl_hz))
    return good("Bus", "speed", khz, scl_hz=round(seen.scl_hz))


def _found(seen: BusSeen, board: Board) -> Finding:
    wanted, there = [chip.address for chip in board.chips], list(seen.addresses)
    answers = ", ".join(f"{address:#x}" for address in there) or "nobody"
    strangers = [address for address in there if 0x48 <= address <= 0x4B and address not in wanted]
    if strangers:
        todo = "set its ADDR pin (ground 0x48, 3.3 V 0x49), or name it in [board] of the configuration"
        return warning("Bus", "addresses", f"{answers} on {seen.name}; not all of the board", todo, addresses=there)
    return good("Bus", "addresses", f"{answers} on {seen.name}", addresses=there)


def chip_findings(chips: Sequence[ChipSeen]) -> list[Finding]:
    """Judge each chip of the board."""
    return [finding for chip in chips for finding in _chip(chip)]


def _chip(chip: ChipSeen) -> list[Finding]:
    who = f"{chip.part.upper()} at {chip.address:#x}"
    if chip.kernel_driver is not None:
        todo = f"take 'dtoverlay={chip.kernel_driver}...' out of config.txt and restart: the kernel switches its inputs"
        return [failed("Chips", "kernel_driver", f"{who} is held by the kernel's {chip.kernel_driver}", todo)]
    if not chip.answered:
        todo = f"{WIRES}; ADDR to ground is 0x48, to 3.3 V 0x49"
        return [failed("Chips", "answer", f"{who} does not answer", todo, address=chip.address)]
    found = _chip_faults(chip, who)
    if found:
        return found
    speed = _oscillator_ratio(chip)
    said = f"{who} answers, {chip.transfers} transfers without error, clock {speed - 1.0:+.1%}"
    return [good("Chips", "answer", said, address=chip.address, transfers=chip.transfers, clock_ratio=round(speed, 4))]


def _chip_faults(chip: ChipSeen, who: str) -> list[Finding]:
    found = []
    if chip.errors:
        what = ", ".join(f"{count}x {STRANGE.get(kind, kind)}" for kind, count in chip.errors.items())
        said = f"{who}: of {chip.transfers} transfers {what}"
        found.append(failed("Chips", "errors", said, WIRES, address=chip.address, errors=dict(chip.errors)))
    if chip.finished_s is None:
        todo = f"it says for ever that it still measures, where other programs hang: {WIRES}"
        found.append(failed("Chips", "unfinished", f"{who} never finishes a measurement", todo, address=chip.address))
    elif abs(_oscillator_ratio(chip) - 1.0) > OSCILLATOR_RATIO + POLLING_RATIO:
        said = f"{who}: its clock is {_oscillator_ratio(chip) - 1.0:+.0%} off, 10 % are allowed"
        found.append(warning("Chips", "clock", said, "check its 3.3 V, or replace it: it may be a copy"))
    if not chip.kept:
        todo = "another program uses it, or it loses its supply: close the other one; check 3.3 V and ground"
        found.append(failed("Chips", "settings", f"{who} does not keep what is written to it", todo))
    if not chip.told_apart:
        todo = f"the input read is not the one asked for: {WIRES}; replace the chip if it stays"
        found.append(failed("Chips", "inputs", f"{who} mixes up its inputs", todo))
    if chip.sixteen_bits is False and chip.part == "ads1115":
        todo = 'it reads in steps of 16 like an ADS1015: write part = "ads1015" in [[board.chip]]'
        found.append(warning("Chips", "part", f"{who} looks like an ADS1015", todo))
    return found


def _oscillator_ratio(chip: ChipSeen) -> float:
    """Give how fast the chip's own clock is against its data sheet; 1 is exact."""
    return 1.0 if not chip.finished_s else chip.nominal_s / chip.finished_s


def rest_findings(seen: ScansSeen, board: Board, wanted_hz: float) -> list[Finding]:
    """Judge rails, sensors of an empty mat, the scans a second that were reached, and what the sampler noticed."""
    by_name = {each.name: each for each in seen.inputs}
    rails = [each for name, each in by_name.items() if name.startswith("rail_")]
    found = _rails(rails)
    rail_v = max((each.mean_v for each in rails if not isnan(each.mean_v)), default=board.supply_v)
    wrong = [
        finding for sensor in board.sensors if (finding := _sensor_at_rest(by_name[sensor.name], rail_v)) is not None
    ]
    volts = ", ".join(f"{by_name[sensor.name].mean_v:.2f}" for sensor in board.sensors)
    names = f"{board.sensors[0].name} to {board.sensors[-1].name}"
    figures = {sensor.name: _figure(by_name[sensor.name].mean_v) for sensor in board.sensors}
    found += wrong or [good("Sensors", "at_rest", f"{names}: {volts} V at rest", **figures)]
    told = [warning("Sensors", "sampling", what, todo) for what, todo in seen.troubles.items()]
    return [*found, _rate(seen.rate_hz, wanted_hz), *told]


def _rails(rails: Sequence[InputSeen]) -> list[Finding]:
    read = [rail for rail in rails if not isnan(rail.mean_v)]
    if not read:
        return [skipped("Sensors", "rail", "no input reads the rail: readings follow its ups and downs")]
    said = "rail " + ", ".join(f"{rail.mean_v:.2f} V" for rail in read)
    figures = {rail.name: _figure(rail.mean_v) for rail in read}
    if any(not RAIL_LOW_V <= rail.mean_v <= RAIL_HIGH_V for rail in read):
        todo = "input 3 of each chip belongs on the Pi's 3.3 V pin (1 or 17): check that wire and the power supply"
        return [failed("Sensors", "rail", said, todo, **figures)]
    if max(rail.mean_v for rail in read) - min(rail.mean_v for rail in read) > RAILS_APART_V:
        todo = "the pads' 3.3 V wires differ: check their contacts and use thicker or shorter ones"
        return [warning("Sensors", "rail", said, todo, **figures)]
    return [good("Sensors", "rail", said, **figures)]


def _sensor_at_rest(seen: InputSeen, rail_v: float) -> Finding | None:
    def say(verdict: str, what: str, todo: str) -> Finding:
        make = failed if verdict == "failed" else warning
        return make("Sensors", seen.name, f"{seen.name}: {what}", todo, mean_v=_figure(seen.mean_v))

    if isnan(seen.mean_v):
        return say("failed", "nothing read", "see its chip above")
    if seen.mean_v > 0.97 * rail_v:
        return say("failed", f"{seen.mean_v:.2f} V, the whole rail", "its leads touch each other: part them")
    if seen.mean_v < BELOW_GROUND_V:
        return say("failed", f"{seen.mean_v:.2f} V, below ground", "check the ground wire between pad and Pi")
    if seen.sd_v > NOISE_V:
        return say("warning", f"unsteady, {seen.sd_v * 1e3:.0f} mV", "a loose wire, or somebody leans on the mat")
    if seen.mean_v > AT_REST_V:
        return say("warning", f"{seen.mean_v:.2f} V at rest", "take everything off the pad; else its plate is jammed")
    return None


def _rate(rate_hz: float, wanted_hz: float) -> Finding:
    said = f"{rate_hz:.0f} of {wanted_hz:g} scans a second"
    if rate_hz >= KEPT_RATE_RATIO * wanted_hz:
        return good("Sensors", "rate", said, rate_hz=round(rate_hz, 1))
    todo = "write 'data_rate = \"860 SPS\"' in [board] and 'sampling = \"pipelined\"' in [bus], and see the bus speed"
    return warning("Sensors", "rate", said, todo, rate_hz=round(rate_hz, 1))


def press_findings(at_rest: ScansSeen, pressed: ScansSeen, board: Board) -> list[Finding]:
    """Judge the sensors after a person leaned on every edge of both pads: an open lead shows only now."""
    rest_v = {each.name: each.mean_v for each in at_rest.inputs}
    rise_v = {each.name: each.highest_v - rest_v[each.name] for each in pressed.inputs}
    silent = [sensor.name for sensor in board.sensors if not rise_v[sensor.name] >= PRESSED_V]
    figures = {f"{sensor.name}_rise_v": _figure(rise_v[sensor.name]) for sensor in board.sensors}
    if silent:
        todo = "press on that foot again; if it stays: an open lead or a foot beside its sensor"
        return [failed("Sensors", "pressed", f"felt nothing: {', '.join(silent)}", todo, **figures)]
    return [good("Sensors", "pressed", "every foot felt your hand", **figures)]


def output_findings(outputs: Sequence[OutputSeen]) -> list[Finding]:
    """Judge motor, buzzer and light."""
    found = []
    for output in outputs:
        todo = f"check the transistor and the wires of the {output.name}, and its pin in [board.pins]"
        if not output.off_after:
            found.append(failed("Outputs", output.name, f"the {output.name} does not switch off", todo))
        elif output.noticed is False:
            found.append(failed("Outputs", output.name, f"you did not notice the {output.name}", todo))
        elif output.noticed is None:
            words = f"{output.name}: {'pulsed, nobody asked' if output.pulsed else 'not tried'}, off"
            found.append(skipped("Outputs", output.name, words))
        else:
            found.append(good("Outputs", output.name, f"{output.name} works and is off"))
    return found


def button_findings(pressed_at_rest: bool, pressed_when_asked: bool | None) -> list[Finding]:
    """Judge the stop button."""
    area: Area = "Outputs"
    if pressed_at_rest:
        todo = "it shows pressed all the time: its two wires touch, or its pin is another one"
        return [failed(area, "button", "the button is down though nobody presses it", todo)]
    if pressed_when_asked is None:
        return [skipped(area, "button", "button: up, not tried")]
    if not pressed_when_asked:
        todo = "check its wire to ground and its pin in [board.pins]; a button with four legs may be turned"
        return [failed(area, "button", "the button was not felt", todo)]
    return [good(area, "button", "button works")]


def _figure(volts: float) -> float | None:
    return None if isnan(volts) else round(volts, 4)
