"""The rhythm of every cue, as data: what the motor plays and what a screen draws. Needs nothing else of the core."""

from collections.abc import Mapping
from types import MappingProxyType

# (on_s, off_s) for each pulse. The beats are those of domain facts D.3; pulses were added and lengths moved until the
# cues stay apart when a pulse is missed altogether (`python -m bench.cues`): a rhythm of two leaves one, and that was
# another cue, so whatever is more than one pulse has at least three. No pulse or gap under 150 ms (D.2). `stopped` and
# `pace` are ours; `pace` is the 60 to 80 ms tick of D.3, for a piezo, because a motor needs as long as that to start.
PATTERNS: Mapping[str, tuple[tuple[float, float], ...]] = MappingProxyType(
    {
        "stopped": ((0.15, 0.15), (0.90, 0.15), (0.15, 0.0)),
        "ball_lost": ((0.20, 0.65), (0.20, 0.65), (0.20, 0.0)),
        "ease_off": ((1.00, 0.0),),
        "too_hard": ((0.15, 0.15), (0.15, 0.15), (0.15, 0.15), (0.15, 0.15), (0.15, 0.0)),
        "too_fast": ((0.40, 0.15), (0.40, 0.15), (0.40, 0.0)),
        "switch_sides": ((0.15, 0.15), (0.60, 0.15), (0.45, 0.0)),
        "done": ((0.60, 0.20), (0.15, 0.40), (0.15, 0.0)),
        "on_the_spot": ((0.15, 0.15), (0.20, 0.20), (0.45, 0.0)),
        "keep_going": ((0.15, 0.0),),
        "pace": ((0.07, 0.0),),
    }
)
