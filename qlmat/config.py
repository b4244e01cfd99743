"""The configuration: TOML in, checked values out; the commented sample is written from the same table.

Every refusal is one line: file, key, what is wrong, what to write instead.
"""

import os
import tomllib
import typing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError
from pydantic.fields import FieldInfo

from qlmat.calibration_file import CalibrationFile, read_calibration
from qlmat.core.calibration import Calibration, nominal_calibration
from qlmat.core.model import Board
from qlmat.core.plan import Plan
from qlmat.errors import ConfigError
from qlmat.keeping import StoreSection
from qlmat.practice import PracticeSection, plan_of, practice_of
from qlmat.refusals import first_line, spelt
from qlmat.speaking import CuesSection
from qlmat.units import CLOCK, SCANS, Unit
from qlmat.wiring import BoardSection, Section, board_of, sections_of

Hertz = Annotated[float, BeforeValidator(SCANS), SCANS]
ClockRate = Annotated[float, BeforeValidator(CLOCK), CLOCK]


class MatSection(Section):
    """`[mat]`: which mat this is."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")] = Field(
        default="mat", description="its level in MQTT topics, qlmat/<id>/...: letters, digits, - and _"
    )
    name: Annotated[str, Field(min_length=1, max_length=64)] = Field(default="QL Mat", description="as people see it")
    calibration_file: str | None = Field(default=None, description="what 'qlmat calibrate' wrote for this mat")


class BrokerSection(Section):
    """`[broker]`: where the MQTT broker is."""

    host: Annotated[str, Field(min_length=1)] = Field(default="localhost", description="name or address")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(default=1883, description="1883, or 8883 with tls")
    username: str | None = Field(default=None, description="when the broker asks for one")
    password_file: str | None = Field(default=None, description="a file whose first line is the password")
    tls: bool = Field(default=False, description="encrypt; the broker's certificate is checked")
    ca_file: str | None = Field(default=None, description="certificate authority, when it is not one the system knows")
    cert_file: str | None = Field(default=None, description="our own certificate, for a broker that asks for one")
    key_file: str | None = Field(default=None, description="the key of that certificate")
    discovery: bool = Field(default=True, description="tell Home Assistant what the mat has")
    values: bool = Field(default=False, description="also send each value to a topic of its own, value/<key>")
    private: bool = Field(default=False, description="keep what is measured of the body off the broker")

    def password(self) -> str | None:
        """Read the password; raises `ConfigError` when its file cannot be read."""
        if self.password_file is None:
            return None
        try:
            return (_readable(Path(self.password_file)).read_text(encoding="utf-8").splitlines() or [""])[0]
        except (OSError, ValueError) as error:  # the latter of UTF-8, and of a path that is none
            raise ConfigError(
                f"broker.password_file: cannot read {spelt(self.password_file)} ({_why(error)}): "
                "check the path and its rights"
            ) from error


class BusSection(Section):
    """`[bus]`: the I2C bus the chips are on."""

    number: Annotated[int, Field(ge=0, le=31)] = Field(default=1, description="/dev/i2c-<number>")
    scl_rate: ClockRate = Field(
        default=400_000.0, description="what dtparam=i2c_arm_baudrate says; the virtual mat keeps to it"
    )
    sampling: Literal["simple", "pipelined"] = Field(
        default="pipelined", description="pipelined: all chips convert at once; simple: one input after another"
    )
    rate: Hertz = Field(default=70.0, description="scans of the whole board a second; away from 50 and 60 Hz mains")
    measure_wait: bool = Field(
        default=False, description="time each chip at the start: up to 9 % more scans, where the rate asks for them"
    )


class Document(Section):
    """A whole configuration file."""

    mat: MatSection = MatSection()
    broker: BrokerSection = BrokerSection()
    practice: PracticeSection = PracticeSection()
    cues: CuesSection = CuesSection()
    store: StoreSection = StoreSection()
    bus: BusSection = BusSection()
    board: BoardSection = BoardSection()


@dataclass(frozen=True, slots=True)
class Settings:
    """A checked configuration: sections for the shell, a `Plan` and a `Board` for the core."""

    mat: MatSection
    broker: BrokerSection
    bus: BusSection
    store: StoreSection
    plan: Plan
    screening: bool
    cues: CuesSection
    board: Board
    calibration: Calibration
    calibrated: CalibrationFile | None = None  # the file behind `calibration`; None for the published curve


def load(path: Path | None, board: Board) -> Settings:
    """Read `path` over the defaults, `board` being the default board; with None, the defaults themselves.

    Raises `ConfigError` with one line naming the file, the key and what to do.
    """
    return parse("" if path is None else _text(path), board, str(path or "defaults"))


def parse(text: str, board: Board, name: str) -> Settings:
    """Check the text of a configuration called `name` in messages; raises `ConfigError`."""
    try:
        document = Document.model_validate(tomllib.loads(text))
        content = _calibration_of(document.mat)
        wired, calibration = _calibrated(document.mat, content, board_of(document.board, board))
        settings = Settings(
            mat=document.mat,
            broker=document.broker,
            bus=document.bus,
            store=document.store,
            plan=plan_of(document.practice),
            screening=document.practice.screening,
            cues=document.cues,
            board=wired,
            calibration=calibration,
            calibrated=content,
        )
        _check_rate(settings)
        document.broker.password()
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{name}: this is not TOML: {error}: mend that line; 'qlmat config sample' shows how"
        ) from error
    except ValidationError as error:
        raise ConfigError(f"{name}: {first_line(error, Document)}") from error
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from error
    return settings


def sample(board: Board) -> str:
    """Write the commented configuration that says every default, `board` being the default board."""
    document = Document.model_construct(board=sections_of(board), practice=practice_of(Plan()))
    lines = [
        "# QL Mat configuration: every value below is the default, so keep only the lines you change.",
        '# Quantities are written with their unit: "90 s", "12 cpm" (cycles a minute), "100 N".',
    ]
    for name in Document.model_fields:
        section = getattr(document, name)
        lines += ["", f"# {_said(section)}", *_table(section, name)]
    return "\n".join(lines) + "\n"


def _calibration_of(mat: MatSection) -> CalibrationFile | None:
    if mat.calibration_file is None:
        return None
    if not mat.calibration_file.isprintable():
        raise ConfigError(f"mat.calibration_file: {mat.calibration_file!r} names no file: check the path")
    return read_calibration(Path(mat.calibration_file))


def _calibrated(mat: MatSection, content: CalibrationFile | None, board: Board) -> tuple[Board, Calibration]:
    """Give the board with its feet where they were found to stand, and a curve for each sensor."""
    if content is None:
        return board, nominal_calibration(board)
    try:
        return content.applied(board)
    except ConfigError as error:
        raise ConfigError(f"mat.calibration_file: {mat.calibration_file} {error}") from error


def _check_rate(settings: Settings) -> None:
    """Refuse a scan rate that the converters cannot reach even with a bus that costs nothing."""
    board, bus = settings.board, settings.bus
    per_chip = [sum(channel.chip == chip.address for channel in board.channels) for chip in board.chips]
    in_turn = len(board.channels) if bus.sampling == "simple" else max(per_chip)
    limit_hz = board.data_rate_sps / in_turn
    if bus.rate > limit_hz:
        mend = 'or set bus.sampling = "pipelined"' if bus.sampling == "simple" else "or use fewer inputs of a chip"
        raise ConfigError(
            f"bus.rate: {bus.rate:g} Hz is more than {in_turn} inputs in turn at {board.data_rate_sps} SPS can give: "
            f"stay under {limit_hz:.0f} Hz {mend}"
        )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({_why(error)}): check the path, or write a new one with "
                          f"'qlmat config sample > {path.name}'") from error  # fmt: skip


def _readable(secret: Path) -> Path:
    """Take the copy systemd made for a service that may not read the file itself (LoadCredential=, the same name)."""
    copy = Path(os.environ.get("CREDENTIALS_DIRECTORY", ""), secret.name)
    return copy if copy.is_absolute() and copy.is_file() else secret


def _why(error: OSError | ValueError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8 text"
    return (getattr(error, "strerror", None) or str(error)).lower()


# --- the sample --------------------------------------------------------------------------------------------------


def _table(section: Section, path: str, header: str = "[{}]") -> list[str]:
    lines, tables = [header.format(path)], []
    for key, field in type(section).model_fields.items():
        value = getattr(section, key)
        if isinstance(value, Section):
            tables += ["", *_table(value, f"{path}.{key}")]
        elif isinstance(value, list):
            for item in value:
                tables += ["", *_table(item, f"{path}.{key}", "[[{}]]")]
        else:
            lines.append(_line(key, value, _unit_of(field), field.description or ""))
    return lines + tables


def _unit_of(field: FieldInfo) -> Unit | None:
    """Find the unit of `Annotated[float, ..., unit]` and of `Annotated[float, ..., unit] | None`."""
    inside = [meta for member in typing.get_args(field.annotation) for meta in getattr(member, "__metadata__", ())]
    return next((meta for meta in [*field.metadata, *inside] if isinstance(meta, Unit)), None)


def _line(key: str, value: Any, unit: Unit | None, description: str) -> str:
    if value is None:
        unset = f'# {key} = "..."'
        return f"{unset:<32}  # {description}"
    if unit is not None:
        text = f'"{unit.write(value)}"'
    elif isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, int):
        text = f"{value:#04x}" if key in ("address", "chip") else str(value)
    else:
        text = f'"{value}"'
    return f"{key + ' = ' + text:<32}  # {description}"


def _said(section: Section) -> str:
    """Take what a section is for from its docstring, "`[name]`: what it is for"."""
    about = (type(section).__doc__ or "").splitlines()[0].split(": ", 1)[-1].rstrip(".")
    return about[0].upper() + about[1:]
