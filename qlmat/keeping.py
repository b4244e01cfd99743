"""The `[store]` section: where sessions are kept, and for how long."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from qlmat.records import KEPT, MONTH_S, Retention
from qlmat.units import AGE
from qlmat.wiring import Section

_DAYS = AGE
_MONTHS = replace(AGE, example="12 months", sizes={"months": MONTH_S, **AGE.sizes})
RawAge = Annotated[float, BeforeValidator(_DAYS), _DAYS]
SessionAge = Annotated[float, BeforeValidator(_MONTHS), _MONTHS]


class StoreSection(Section):
    """`[store]`: what is kept of each session on this machine, and for how long."""

    folder: str | None = Field(default=None, description="where; without it the service's or the user's own")
    keep_raw: RawAge = Field(default=KEPT.raw_s, description="raw frames, then they are deleted")
    keep_sessions: SessionAge = Field(default=KEPT.sessions_s, description="everything else")

    @property
    def path(self) -> Path:
        """The folder to keep sessions in."""
        return default_folder() if self.folder is None else Path(self.folder)

    @property
    def retention(self) -> Retention:
        """The ages as the store takes them."""
        return Retention(self.keep_raw, self.keep_sessions)


def default_folder() -> Path:
    """Give the service's state directory or, at a terminal, the user's own."""
    service = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    if service:
        return Path(service)
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "qlmat"
