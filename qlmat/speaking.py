"""The `[cues]` section: by touch or by sound, how much is said, and what is different at night."""

import re
from dataclasses import dataclass
from datetime import time
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from qlmat.wiring import Section

# What is said even in quiet mode: whatever guards the person, and what they must do next.
NEEDED = frozenset({"stopped", "ball_lost", "ease_off", "too_hard", "switch_sides", "done"})
HEARD_ONLY = frozenset({"pace"})  # too quick for an eccentric-mass motor (domain facts D.3): buzzer alone
_HOURS = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$")


def _hours(text: str) -> str:
    if text and not _HOURS.match(text):
        raise PydanticCustomError("quantity", "{what}", {"what": f'{text!r} are no hours: write "22:00-07:00" or ""'})
    return text


class CuesSection(Section):
    """`[cues]`: what the mat says by touch and sound."""

    by: Literal["both", "motor", "buzzer"] = Field(default="both", description="both, motor (touch) or buzzer (sound)")
    quiet: bool = Field(default=False, description="true: only what must be said, no praise, no pace")
    night: Annotated[str, AfterValidator(_hours)] = Field(
        default="", description='hours without sound, such as "22:00-07:00"'
    )


@dataclass(frozen=True, slots=True)
class Voice:
    """Decides what a cue is given by: touch, sound, both, or not at all.

    >>> voice = Voice(quiet=True, night="22:00-07:00")
    >>> voice.by("too_hard", time(12, 0)), voice.by("too_hard", time(23, 0)), voice.by("on_the_spot", time(12, 0))
    ((True, True), (True, False), (False, False))
    """

    way: Literal["both", "motor", "buzzer"] = "both"
    quiet: bool = False
    night: str = ""

    def by(self, cue: str, now: time) -> tuple[bool, bool]:
        """Tell whether a cue is felt and whether it is heard at `now`, the local time of day."""
        if self.quiet and cue not in NEEDED:
            return False, False
        dark = self.dark(now)
        felt = (self.way != "buzzer" or dark) and cue not in HEARD_ONLY
        return felt, self.way != "motor" and not dark

    def dark(self, now: time) -> bool:
        """Tell whether it is night: from the first hour up to the second, over midnight if need be."""
        found = _HOURS.match(self.night)
        if found is None:
            return False
        begin, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
        return begin <= now < end if begin <= end else now >= begin or now < end


def voice_of(section: CuesSection) -> Voice:
    """Make the voice of a configuration."""
    return Voice(section.by, section.quiet, section.night)
