"""The rhythm of every cue, as data: what the motor plays and what a screen draws. Needs nothing else of the core."""

from collections.abc import Mapping
from types import MappingProxyType

# (on_s, off_s) for each pulse: domain facts D.3. `stopped` and `pace` are ours: `stopped` is the only short-long pair;
# `pace` is the 60 to 80 ms tick of D.3, for a piezo, because a small motor needs as long as that to start.
PATTERNS: Mapping[str, tuple[tuple[float, float], ...]] = MappingProxyType(
    {
        "stopped": ((0.20, 0.15), (0.90, 0.0)),
        "ball_lost": ((0.20, 0.60), (0.20, 0.60), (0.20, 0.0)),
        "ease_off": ((0.80, 0.0),),
        "too_hard": ((0.15, 0.15), (0.15, 0.15), (0.15, 0.15), (0.15, 0.0)),
        "too_fast": ((0.50, 0.30), (0.50, 0.0)),
        "switch_sides": ((0.20, 0.15), (0.20, 0.15), (0.60, 0.0)),
        "done": ((0.60, 0.20), (0.20, 0.15), (0.20, 0.0)),
        "on_the_spot": ((0.20, 0.15), (0.20, 0.0)),
        "keep_going": ((0.20, 0.0),),
        "pace": ((0.07, 0.0),),
    }
)
