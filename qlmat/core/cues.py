"""What the mat says by touch and sound: rhythms as data, and a reducer that lets at most one play at a time.

Silence means "good". The rhythms are told apart by their beat first and by their length second, never by strength.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from qlmat.core.model import Event
from qlmat.core.rhythms import PATTERNS

LENGTH_S: Mapping[str, float] = MappingProxyType(
    {cue: sum(on_s + off_s for on_s, off_s in pulses) for cue, pulses in PATTERNS.items()}
)
# stop > ball lost > too hard > too fast > switch or done > on the spot > pace (domain facts D.2); larger goes first.
PRIORITY: Mapping[str, int] = MappingProxyType(
    {"stopped": 8, "ball_lost": 7, "ease_off": 6, "too_hard": 5, "too_fast": 4}
    | {"switch_sides": 3, "done": 3, "on_the_spot": 2, "keep_going": 1, "pace": 0}
)
CORRECTIVE = frozenset({"ball_lost", "ease_off", "too_hard", "too_fast", "keep_going"})
REFRACTORY_S = 4.0  # the same cue not sooner (domain facts D.2)
CORRECTIVE_A_MINUTE = 8  # then it is left to the screen (domain facts D.2)
APART_S = 0.15  # between two cues, so that they do not run together: the shortest gap in a rhythm (domain facts D.2)
WAIT_S = 2.0  # a cue that found another playing is stale after this long; ours, longer than the longest rhythm
# While a fault lasts its cue comes back: every 4 s when too hard (domain facts D.3); the others are ours, no source.
REPEAT_S: Mapping[str, float] = MappingProxyType({"ease_off": 4.0, "too_hard": 4.0, "too_fast": 8.0, "ball_lost": 8.0})

_CUE_OF_EVENT: Mapping[str, str] = MappingProxyType(
    {
        "on_the_spot": "on_the_spot",
        "too_hard": "too_hard",
        "over_cap": "ease_off",
        "ball_on_bone": "ease_off",
        "too_fast": "too_fast",
        "resting": "keep_going",
        "half_minute_left": "keep_going",
        "too_light": "keep_going",
        "too_firm": "too_hard",
        "switch_sides": "switch_sides",
        "session_done": "done",
        "ball_lost": "ball_lost",
        "signal_lost": "ball_lost",  # the person must look at the mat either way
        "session_stopped": "stopped",
        "session_refused": "stopped",
        "lead": "keep_going",  # not there yet: where to stands on the screen
        "hold_over": "keep_going",
        "marked": "on_the_spot",
        "load_counted": "on_the_spot",
        "load_refused": "keep_going",
        "comfort_found": "done",
        "comfort_ended": "stopped",
    }
)
_ENDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "over_cap_over": frozenset({"ease_off"}),
        "too_hard_over": frozenset({"too_hard"}),
        "too_fast_over": frozenset({"too_fast"}),
        "ball_found": frozenset({"ball_lost"}),
        "signal_found": frozenset({"ball_lost"}),
        "side_done": frozenset(PATTERNS),
        "paused": frozenset(PATTERNS),
        "session_done": frozenset(PATTERNS),
        "session_stopped": frozenset(PATTERNS),
        "comfort_found": frozenset(PATTERNS),
        "went_on": frozenset(PATTERNS),  # also what plays: the stop was none
    }
)


def level(cue: str, since_s: float) -> bool:
    """Tell whether the motor is on `since_s` seconds after the cue began; off once the rhythm is over.

    >>> [level("on_the_spot", since_s) for since_s in (0.0, 0.14, 0.16, 0.31, 0.51, 0.71, 1.14, 1.16, 9.0)]
    [True, True, False, True, False, True, True, False, False]
    """
    for on_s, off_s in PATTERNS[cue]:
        if since_s < on_s:
            return since_s >= 0.0
        since_s -= on_s + off_s
    return False


@dataclass(frozen=True, slots=True)
class Cues:
    """What plays and what waits.

    `playing` began at `since_s`; nothing new before `quiet_s`; `faults` come back; `waiting` (cue, asked_s) go stale.
    """

    playing: str | None = None
    since_s: float = 0.0
    quiet_s: float = float("-inf")
    faults: frozenset[str] = frozenset()
    waiting: tuple[tuple[str, float], ...] = ()
    begun_s: Mapping[str, float] = field(default_factory=dict)
    corrective_s: tuple[float, ...] = ()


def conduct(cues: Cues, t_s: float, events: tuple[Event, ...], tick: bool = False) -> Cues:
    """Hear this frame's events and give what plays now. At most one cue; a more urgent one cuts in at once.

    An equal or less urgent cue waits for its turn up to 2 s and is then dropped. The cue for "over the cap" alone obeys
    neither refractory time nor the eight a minute when the cap is passed anew, since it guards the person. The `tick`
    of the pace sounds now or not at all.

    >>> cues = Cues()
    >>> for t_s, name in ((0.0, "too_fast"), (0.5, "over_cap"), (0.6, "over_cap_over"), (1.49, ""), (1.51, "")):
    ...     cues = conduct(cues, t_s, (Event(t_s, name),))
    ...     print(t_s, cues.playing)
    0.0 too_fast
    0.5 ease_off
    0.6 ease_off
    1.49 ease_off
    1.51 None
    """
    if not events and not cues.waiting and not cues.faults and cues.playing is None and not tick:
        return cues
    cues = _hear(cues, t_s, events) if events else cues
    if cues.playing is not None and t_s - cues.since_s >= LENGTH_S[cues.playing]:
        cues = replace(cues, playing=None, quiet_s=t_s + APART_S)
    urgent = max(_ready(cues, t_s), key=PRIORITY.__getitem__, default=None)
    free = cues.playing is None and t_s >= cues.quiet_s - 1e-9
    if urgent is not None and (free or _cuts_in(cues, urgent)):
        return _begin(cues, t_s, urgent)
    if tick and free:
        return replace(cues, playing="pace", since_s=t_s)
    if cues.waiting and t_s - cues.waiting[0][1] > WAIT_S:
        return replace(cues, waiting=tuple(asked for asked in cues.waiting if t_s - asked[1] <= WAIT_S))
    return cues


def _cuts_in(cues: Cues, urgent: str) -> bool:
    """Tell whether a cue does not wait for the one that plays; "lift off" not for a ball that has been found again."""
    if cues.playing is None:
        return False
    found = cues.playing == "ball_lost" and "ball_lost" not in cues.faults
    return PRIORITY[urgent] > PRIORITY[cues.playing] or (urgent == "ease_off" and found)


def _hear(cues: Cues, t_s: float, events: tuple[Event, ...]) -> Cues:
    """Take note of what begins and what ends."""
    faults, waiting, begun_s = cues.faults, cues.waiting, cues.begun_s
    if any(event.name == "went_on" for event in events):
        cues = replace(cues, playing=None, quiet_s=t_s + APART_S)
    for event in events:
        ended = _ENDS.get(event.name, frozenset())
        faults -= ended
        waiting = tuple(asked for asked in waiting if asked[0] not in ended)
        cue = _CUE_OF_EVENT.get(event.name)
        if cue is None:
            continue
        waiting = (*(asked for asked in waiting if asked[0] != cue), (cue, t_s))
        if cue in REPEAT_S and event.name not in ("ball_on_bone", "too_firm"):  # each told by itself, without an end
            faults |= {cue}
        if cue in ("ease_off", "stopped"):  # never held back by their own last time
            begun_s = {name: at_s for name, at_s in begun_s.items() if name != cue}
    return replace(cues, faults=faults, waiting=waiting, begun_s=begun_s)


def _ready(cues: Cues, t_s: float) -> list[str]:
    """List the cues that ask to play and may."""
    asking = [cue for cue, asked_s in cues.waiting if t_s - asked_s <= WAIT_S]
    asking += [cue for cue in cues.faults if t_s - cues.begun_s.get(cue, float("-inf")) >= REPEAT_S[cue]]
    if "ease_off" in cues.faults:  # it says the same more strongly
        asking = [cue for cue in asking if cue != "too_hard"]
    recent = sum(t_s - at_s < 60.0 for at_s in cues.corrective_s)
    return [
        cue
        for cue in asking
        if t_s - cues.begun_s.get(cue, float("-inf")) >= REFRACTORY_S
        and (recent < CORRECTIVE_A_MINUTE or cue not in CORRECTIVE or cue == "ease_off")
    ]


def _begin(cues: Cues, t_s: float, cue: str) -> Cues:
    corrective_s = tuple(at_s for at_s in cues.corrective_s if t_s - at_s < 60.0)
    return replace(
        cues,
        playing=cue,
        since_s=t_s,
        waiting=tuple(asked for asked in cues.waiting if asked[0] != cue),
        begun_s={**cues.begun_s, cue: t_s},
        corrective_s=(*corrective_s, t_s) if cue in CORRECTIVE else corrective_s,
    )
