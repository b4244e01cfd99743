"""Draw one mat in 80 columns and 23 rows, from a `Reading`. Pure: the same reading gives the same picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from qlmat.cli.view_pad import draw_pad
from qlmat.cli.view_reading import Reading
from qlmat.core.model import SIDES, Side
from qlmat.core.rhythms import PATTERNS
from qlmat.dashboard.words import event_words, plain

WIDTH, BAR, INFO, EVENTS = 80, 46, 32, 3
TOP_N = 150.0  # right end of the bars when the plan is not known
RHYTHM_S = 0.06  # one character; the longest rhythm, 1.9 s, just fits the column
ACCENT, WARN, SOFT = "bold cyan", "bold magenta", "dim"
GREY = Style(color="bright_black")
_STEP = {"placing": 0, "settling": 1, "working": 2, "switching": 3, "done": 5, "paused": 2}


@dataclass(frozen=True, slots=True)
class Look:
    """What frames the picture, and what the terminal can show: `fancy` needs UTF-8 and Braille dots.

    `old`: why the reading is not what happens now; it is said in the header, and everything else is grey.
    """

    title: str
    foot: str
    fancy: bool
    words: Mapping[str, Any]
    old: str | None = None

    def glyph(self, fancy: str, simple: str) -> str:
        """Choose by what the terminal can show."""
        return fancy if self.fancy else simple


def picture(reading: Reading, look: Look) -> RenderableType:
    """Draw everything."""
    if reading.live is None:
        waiting = Text(look.old or "Waiting for the first reading", WARN if look.old else "")
        return Group(Text(look.title, ACCENT), waiting, Text(look.foot, SOFT))
    rows = _rows(reading, look)
    return Group(_header(reading, look), rows if look.old is None else Grey(rows))


class Grey:
    """Anything, drawn in one grey: it was true once."""

    def __init__(self, drawn: RenderableType) -> None:
        self._drawn = drawn

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Give the same characters without their colours."""
        for segment in console.render(self._drawn, options):
            yield Segment(segment.text, GREY, segment.control)


def _rows(reading: Reading, look: Look) -> Group:
    return Group(
        _steps(reading, look),
        Text(),
        *(_bar(reading, look, side) for side in SIDES),
        _axis(reading, look),
        _middle(reading, look),
        *_events(reading, look),
        Text(look.foot, SOFT, no_wrap=True, overflow="ellipsis"),
    )


def line(reading: Reading, look: Look) -> str:
    """Say the reading in one plain line."""
    live = reading.live
    if live is None or look.old is not None:
        return look.old or "waiting for the first reading"
    side, session, movement = reading.side, live["session"], live["movement"]
    words = [clock(live["t_s"]), state_words(session, look.words)]
    words.append(f"{side} {_newtons(live['pads'][side]['force_n'])} ({look.words['zones'][reading.zone(side)][0]})")
    if movement["cadence_cpm"] is not None:
        kind = look.words["kinds"].get(movement["kind"], "moving")
        words.append(f"{kind} {movement['cadence_cpm']:.0f} a minute, {movement['cycles']} cycles")
    words.append(f"{clock(session['worked_s'])} done, {clock(session['remaining_s'])} to go")
    if live["cue"] is not None:
        words.append(f"buzz: {_cue_words(live['cue'], look)[0]}")
    return "  ".join(words)


def clock(seconds: float | None) -> str:
    """Write seconds as minutes and seconds.

    >>> clock(83.4), clock(None)
    ('1:23', '-')
    """
    return "-" if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def state_words(session: Mapping[str, Any], words: Mapping[str, Any]) -> str:
    """Say where the session stands."""
    state, side = session["state"], session["side"]
    if state == "working" and side in words["working_side"]:
        return str(words["working_side"][side])
    return str(words["states"].get(state, plain(state)))


# --- rows ------------------------------------------------------------------------------------------------------------


def _header(reading: Reading, look: Look) -> Text:
    live = reading.live or {}
    said = (state_words(live["session"], look.words), "bold") if look.old is None else (look.old, f"bold {WARN}")
    row = Text.assemble((look.title, ACCENT), "  ", said, no_wrap=True, overflow="ellipsis")
    row.truncate(WIDTH - 8)
    row.append(clock(live["t_s"]).rjust(WIDTH - row.cell_len), SOFT)
    return row


def _steps(reading: Reading, look: Look) -> Text:
    state = (reading.live or {})["session"]["state"]
    now = _STEP.get(state, -1)
    if reading.second and state in ("settling", "working", "paused"):
        now = 4
    row = Text(no_wrap=True)
    for index, step in enumerate(look.words["steps"]):
        past = index < now or state == "done"
        style = ACCENT if index == now else "" if past else SOFT
        mark = look.glyph("●", "*") if past or index == now else look.glyph("○", "-")
        row.append(f"{mark} {step}", style)
        row.append("   " if index < len(look.words["steps"]) - 1 else "")
    return row


def _top_n(reading: Reading) -> float:
    if reading.aims is None:
        return TOP_N
    return float(10 * round(reading.aims["too_hard_n"] * 1.15 / 10))


def _bar(reading: Reading, look: Look, side: Side) -> Text:
    pad = (reading.live or {})["pads"][side]
    force_n, zone = pad["force_n"] or 0.0, reading.zone(side)
    top_n = _top_n(reading)
    low_n, high_n = reading.aims["zone_n"] if reading.aims else (top_n, top_n)
    style = WARN if zone in ("high", "over", "unknown") else ACCENT
    filled = round(BAR * min(force_n, top_n) / top_n)
    row = Text(f"{plain(look.words['sides'][side]):<6}", no_wrap=True)
    for cell in range(BAR):
        in_zone = low_n <= top_n * (cell + 0.5) / BAR <= high_n
        if cell < filled:
            row.append(look.glyph("█", "#"), style)
        else:
            row.append(look.glyph("░", "=") if in_zone else look.glyph("·", "."), "cyan" if in_zone else SOFT)
    row.append(_newtons(pad["force_n"]).rjust(6), "bold")
    row.append(f"  {look.words['zones'][zone][0] if zone != 'none' else 'no ball'}", style if pad["touching"] else SOFT)
    return row


def _axis(reading: Reading, look: Look) -> Text:
    top_n = _top_n(reading)
    row = [" "] * (BAR + 4)
    marks = [0.0, top_n]
    marks += list(reading.aims["zone_n"]) if reading.aims else []
    for mark_n in marks:
        at = round(BAR * mark_n / top_n)
        for offset, char in enumerate(f"{mark_n:.0f}"):
            row[min(at + offset, len(row) - 1)] = char
    words = "  " + look.glyph("░", "=") + " your zone" if reading.aims else ""
    return Text(" " * 6 + "".join(row) + " N" + words, SOFT, no_wrap=True)


def _middle(reading: Reading, look: Look) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    columns = []
    for side in SIDES:
        pad = (reading.live or {})["pads"][side]
        drawn = draw_pad(pad["cop_mm"], [(x, y) for _, x, y in reading.trail[side]], pad["touching"], look.fancy)
        columns.append(Group(drawn, _place(pad["cop_mm"], look.words["sides"][side])))
    table.add_row(*columns, _info(reading, look))
    return table


def _place(cop_mm: list[float] | None, side: str) -> Text:
    if cop_mm is None:
        return Text(side.center(21), SOFT)
    far = "outside the dish" if hypot(*cop_mm) > 35 else f"{cop_mm[0]:+.0f}, {cop_mm[1]:+.0f} mm"
    return Text(f"{side} {far}".center(21))


def _info(reading: Reading, look: Look) -> Group:
    live = reading.live or {}
    movement, session, words = live["movement"], live["session"], look.words
    cadence_cpm, pace = movement["cadence_cpm"], reading.pace()
    kind = words["kinds"].get(movement["kind"] or "none", "Moving")
    cue, advice = _cue_words(reading.cue, look)
    worked_s, remaining_s = session["worked_s"] or 0.0, session["remaining_s"] or 0.0
    done = worked_s / (worked_s + remaining_s) if worked_s + remaining_s else 0.0
    filled = round((INFO - 1) * done)
    return Group(
        _field("Movement", kind, "bold"),
        _field("Pace", "-" if cadence_cpm is None else f"{cadence_cpm:.0f} a minute", "bold"),
        _field("", words["paces"][pace], WARN if pace in ("quick", "fast") else ACCENT if pace == "in" else SOFT),
        _field("Cycles", str(movement["cycles"])),
        Text(),
        _field("Done", clock(session["worked_s"]), "bold"),
        _field("To go", clock(session["remaining_s"]), "bold"),
        Text.assemble(
            (look.glyph("━", "=") * filled, ACCENT), (look.glyph("─", "-") * (INFO - 1 - filled), SOFT), no_wrap=True
        ),
        Text(),
        _field("Buzz", cue, "bold" if reading.cue else ""),
        Text(rhythm(reading.cue, look), ACCENT),
        _field("", advice, SOFT),
    )


def _field(name: str, value: str, style: str = "") -> Text:
    return Text.assemble((f"{name:<10}", SOFT), (value, style), no_wrap=True, overflow="ellipsis")


def rhythm(cue: str | None, look: Look) -> str:
    """Draw a cue's pulses to scale."""
    drawn = ""
    for on_s, off_s in PATTERNS.get(cue or "", ()):
        drawn += look.glyph("▬", "#") * round(on_s / RHYTHM_S) + " " * round(off_s / RHYTHM_S)
    return drawn


def _cue_words(cue: str | None, look: Look) -> tuple[str, str]:
    name, advice = look.words["cues"].get(cue or "none", (plain(cue or ""), ""))
    return name, advice


def _events(reading: Reading, look: Look) -> list[Text]:
    listed = [event for event in reading.events if event["name"] not in look.words["unlisted"]][-EVENTS:]
    rows = [Text(f"{clock(event['t_s']):>5}  {event_words(look.words, event)}", no_wrap=True) for event in listed]
    return rows[::-1] + [Text()] * (EVENTS - len(rows))


def _newtons(force_n: float | None) -> str:
    return "?" if force_n is None else f"{force_n:.0f} N"
