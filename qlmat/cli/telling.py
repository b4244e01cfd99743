"""How a configured mat is put on MQTT: what it tells, and where events wait for the broker."""

import logging
from contextlib import suppress
from pathlib import Path

from qlmat.calibration_file import calibrated_words
from qlmat.coach import Coach
from qlmat.config import Settings
from qlmat.connection import BrokerSettings
from qlmat.errors import StoreError
from qlmat.inbox import Requests
from qlmat.keeper import Keeper
from qlmat.mqtt import MqttSink, Telling
from qlmat.ring import Ring
from qlmat.steering import Steering

log = logging.getLogger(__name__)


def open_mqtt(
    settings: Settings,
    broker: BrokerSettings,
    commands: Requests,
    steering: Steering,
    folder: Path | None,
    coach: Coach | None = None,
) -> MqttSink:
    """Open the sink. Events wait in `folder`; in memory alone with None, or when the folder cannot be used.

    Without a `coach` this mat remembers nobody.
    """
    mat, said = settings.mat, settings.broker
    formerly, valued = _before(mat.id, said.values, folder)
    calibrated = calibrated_words(settings.calibrated)
    telling = Telling(mat.name, said.discovery, said.values, said.private, formerly, valued, calibrated)
    return MqttSink(
        broker, mat.id, commands, steering, telling, _keeper(folder), coach, None if coach is None else coach.wishes
    )


def _keeper(folder: Path | None) -> Keeper | None:
    if folder is None:
        return None
    try:
        return Keeper(Ring(folder))
    except StoreError as error:
        log.error("ring=none problem=%r result='events wait in memory only'", str(error))
        return None


def _before(mat_id: str, values: bool, folder: Path | None) -> tuple[str | None, bool]:
    """Read the id this mat had before, if it has another one now, and if it told flat values; note how it is now."""
    if folder is None:
        return None, False
    note, before = folder / "mat", [""]
    with suppress(OSError, UnicodeDecodeError):
        before = note.read_text(encoding="utf-8").split() or before
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        note.touch(mode=0o600)
        note.write_text(f"{mat_id}{' values' if values else ''}\n", encoding="utf-8")
    return before[0] if before[0] not in ("", mat_id) else None, "values" in before[1:]
