"""What a mat is told to tell, who remembers for it, and where it may answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from qlmat.calibration_file import calibrated_words
from qlmat.core.plan import Plan
from qlmat.payloads import Payload

MAX_RESPONSE_TOPIC = 256
# What a mat that remembers nobody says of the person and their choices.
NOBODY: Mapping[str, None] = MappingProxyType(
    dict.fromkeys(("guest", "position", "ball", "only_side", "extra_left_s", "extra_right_s"))
)


@dataclass(frozen=True, slots=True)
class Telling:
    """What is told beside the topics every mat has. `name`: as people call it; `formerly`: an id it had before.

    `valued`: it has told flat values before; `calibrated`: as `qlmat.calibration_file.calibrated_words`.
    """

    name: str = "QL Mat"
    discovery: bool = False
    values: bool = False
    private: bool = False
    formerly: str | None = None
    valued: bool = False
    calibrated: Mapping[str, str | float | None] = field(default_factory=lambda: calibrated_words(None))


class Coached(Protocol):
    """What a sink asks of whoever remembers the person on the mat: `qlmat.coach`, by way of `qlmat.cli.telling`."""

    def plan(self) -> Plan:
        """Make the plan of today."""
        ...

    def chosen(self) -> Payload:
        """Say whose practice it is and what they chose, by the keys of the topic `config`."""
        ...

    def aims(self) -> Payload:
        """Say what is asked of either side, by the keys of the topic `plan`."""
        ...

    def course(self) -> Payload:
        """Say where the course stands, as `qlmat.payloads.course_payload`."""
        ...


def allows(root: str, topic: str) -> bool:
    """Tell whether an asker may have the answer there: not below `root`, where it could pass for our own word."""
    ours = topic.startswith(root) and not topic.startswith(f"{root}resp/")
    return (
        0 < len(topic) <= MAX_RESPONSE_TOPIC
        and not ours
        and not topic.startswith(("$", "homeassistant/"))
        and not set(topic) & set("+#\0")
    )
