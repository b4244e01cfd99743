"""The calibration file: versioned, dated, with serial numbers, written whole or not at all, and never by hand.

JSON, because Python writes it without help. A checksum over its content tells a file that was edited or cut short.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from qlmat.core.calibration import Calibration, Curve
from qlmat.core.fitting import PadFit
from qlmat.core.fitting_checks import Remaining
from qlmat.core.model import Board, Sensor, Side
from qlmat.errors import ConfigError

FORMAT: Literal["qlmat-calibration"] = "qlmat-calibration"
VERSION: Literal[1] = 1
AGAIN = "run 'qlmat calibrate' again"
Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CalibratedSensor(_Part):
    """One sensor: its serial number, the divider it was measured with, its curve and its place."""

    name: str
    serial: str | None = None
    divider_ohm: Positive
    scale_ohm_n: Positive
    floor_ohm: Positive
    exponent: Annotated[float, Field(gt=0.5, lt=2.0)]
    creep_per_decade: Annotated[float, Field(ge=0.0, lt=0.5)]
    lag_ratio: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0  # files of before it was measured have no lag
    lag_n: Annotated[float, Field(ge=0.0, allow_inf_nan=False)] = 0.0
    x_mm: Annotated[float, Field(allow_inf_nan=False)]
    y_mm: Annotated[float, Field(allow_inf_nan=False)]


class RemainingError(_Part):
    """What one pad is still off by: see `qlmat.core.fitting_checks.Remaining`."""

    force_ratio: float
    force_interval: tuple[float, float]
    centre_mm: float
    centre_interval_mm: tuple[float, float]
    weights: int


class CalibrationFile(_Part):
    """A whole file. `made_at` is a wall-clock time with its zone; `sensors` need not be all of a board."""

    format: Literal["qlmat-calibration"] = FORMAT
    version: Literal[1] = VERSION
    made_at: AwareDatetime
    mat: str
    serial: str | None = None
    method: str
    sensors: tuple[CalibratedSensor, ...]
    remaining: dict[Side, RemainingError]

    def applied(self, board: Board) -> tuple[Board, Calibration]:
        """Give the board with its feet where they stand, and a curve for each sensor; ConfigError if it does not fit.

        Sensors the file does not hold keep the published curve and their place.
        """
        known = {sensor.name: sensor for sensor in self.sensors}
        unknown = [name for name in known if name not in {sensor.name for sensor in board.sensors}]
        if unknown:
            raise ConfigError(f"was made for another board (no sensor {unknown[0]} here): {AGAIN}")
        for sensor in board.sensors:
            if sensor.name in known and abs(known[sensor.name].divider_ohm / sensor.divider_ohm - 1.0) > 0.001:
                raise ConfigError(
                    f"{sensor.name} was calibrated with {known[sensor.name].divider_ohm:g} Ohm, "
                    f"the board has {sensor.divider_ohm:g} Ohm: {AGAIN}"
                )
        sensors = tuple(_moved(sensor, known.get(sensor.name)) for sensor in board.sensors)
        return replace(board, sensors=sensors), Calibration(tuple(_curve(known.get(s.name)) for s in board.sensors))


def calibrated_words(content: CalibrationFile | None) -> dict[str, str | float | None]:
    """Say of a file what people ask of it, by the keys of the topic `config`: the day, the serial, what remains.

    >>> calibrated_words(None)["calibrated"] is None
    True
    """
    left = {} if content is None else content.remaining
    return {
        "calibrated": None if content is None else content.made_at.date().isoformat(),
        "serial": None if content is None else content.serial,
        "left_error_ratio": left["left"].force_ratio if "left" in left else None,
        "right_error_ratio": left["right"].force_ratio if "right" in left else None,
    }


def calibrated_sensors(feet: Sequence[Sensor], fit: PadFit, serials: dict[str, str]) -> tuple[CalibratedSensor, ...]:
    """Put a fitted pad into the words of the file."""
    return tuple(
        CalibratedSensor(
            name=foot.name,
            serial=serials.get(foot.name),
            divider_ohm=foot.divider_ohm,
            scale_ohm_n=round(curve.scale_ohm_n, 1),
            floor_ohm=round(curve.floor_ohm, 2),
            exponent=round(curve.exponent, 5),
            creep_per_decade=round(curve.creep_per_decade, 5),
            lag_ratio=round(curve.lag_ratio, 5),
            lag_n=round(curve.lag_n, 2),
            x_mm=round(x_mm, 2),
            y_mm=round(y_mm, 2),
        )
        for foot, curve, (x_mm, y_mm) in zip(feet, fit.curves, fit.feet_mm, strict=True)
    )


def remaining_error(left: Remaining) -> RemainingError:
    """Put what remains into the words of the file."""
    return RemainingError(
        force_ratio=round(left.force_ratio, 4),
        force_interval=(round(left.force_interval[0], 4), round(left.force_interval[1], 4)),
        centre_mm=round(left.centre_mm, 2),
        centre_interval_mm=(round(left.centre_interval_mm[0], 2), round(left.centre_interval_mm[1], 2)),
        weights=left.weights,
    )


def write_calibration(path: Path, content: CalibrationFile) -> None:
    """Write a file whole or not at all, replacing one that is there; ConfigError when the folder refuses."""
    body = content.model_dump(mode="json")
    text = json.dumps({**body, "sha256": _sum(body)}, indent=1) + "\n"
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".new")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({(error.strerror or str(error)).lower()}): "
                          "choose another place with --output") from error  # fmt: skip


def read_calibration(path: Path) -> CalibrationFile:
    """Read a file; ConfigError in one line when it is absent, cut, edited, or of another version."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise ConfigError(f"{path}: cannot be read ({why}): check the path, or {AGAIN}") from error
    except ValueError as error:  # of JSON and of UTF-8
        raise ConfigError(f"{path}: is no whole calibration file ({error}): {AGAIN}") from error
    return _checked(path, body)


def _checked(path: Path, body: Any) -> CalibrationFile:
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise ConfigError(f"{path}: is no calibration file of QL Mat: {AGAIN}")
    if body.get("version") != VERSION:
        raise ConfigError(f"{path}: is of version {body.get('version')}, this program reads {VERSION}: {AGAIN}")
    if body.pop("sha256", None) != _sum(body):
        raise ConfigError(f"{path}: was changed after it was written: {AGAIN} instead of editing it")
    try:
        return CalibrationFile.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(map(str, first["loc"]))
        raise ConfigError(f"{path}: {key}: {str(first['msg']).lower()}: {AGAIN}") from error


def _sum(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _moved(sensor: Sensor, known: CalibratedSensor | None) -> Sensor:
    return sensor if known is None else replace(sensor, x_mm=known.x_mm, y_mm=known.y_mm)


def _curve(known: CalibratedSensor | None) -> Curve:
    if known is None:
        return Curve()
    return Curve(
        scale_ohm_n=known.scale_ohm_n,
        floor_ohm=known.floor_ohm,
        exponent=known.exponent,
        creep_per_decade=known.creep_per_decade,
        lag_ratio=known.lag_ratio,
        lag_n=known.lag_n,
    )
