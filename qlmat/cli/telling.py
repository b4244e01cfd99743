"""How a configured mat is put on MQTT: what it tells, and where events wait for the broker."""

import logging
from contextlib import suppress
from pathlib import Path

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
    telling = Telling(mat.name, said.discovery, said.values, said.private, _formerly(mat.id, folder))
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


def _formerly(mat_id: str, folder: Path | None) -> str | None:
    """Read the id this mat had before, if it has another one now, and note the present one."""
    if folder is None:
        return None
    note, before = folder / "mat", None
    with suppress(OSError, UnicodeDecodeError):
        before = note.read_text(encoding="utf-8").strip()
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        note.write_text(f"{mat_id}\n", encoding="utf-8")
    return before if before != mat_id else None
