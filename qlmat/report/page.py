"""The report as one HTML page that needs nothing else: styles, plots and numbers inside, no script."""

import base64
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from html import escape
from importlib.resources import files

from qlmat.core.model import SIDES
from qlmat.core.strengthening import EXERCISES
from qlmat.errors import ReportError
from qlmat.records import CourseRecord, Effort, Note, SessionRecord
from qlmat.report.facts import Change, Glance, changes, glance, lying_s
from qlmat.report.figures import force, pace, pressure, target_of
from qlmat.report.spots import spots

ABOUT = (
    "This page shows what the mat recorded while somebody practised self-massage: how long, how hard, how fast and "
    "where. It describes practice and says nothing about health. Forces are those under the ball, good to about 10 to "
    "15 % on a calibrated mat; one that is not tells more from less, not newtons. Compare them on the same mat only. A "
    "comfortable force is what the person called firm, 4 of 10; single readings scatter, so a change is named only "
    "after three readings and beyond 30 %."
)
ZONE = "The zone is 0.7 to 1.1 of the force the person called firm, 4 of 10. Time counts only inside it."
FORCE = "Each mark is one session or one reading, and its bar how far it scattered."
PACE = "How many times a minute the knees went out and back, or up and down."
PLACES = "The person's left is on the left, the head at the top."
LATEST = 6  # of the strengthening, so that two sheets are enough
GAP = '<td class="gap"></td>'
MARK = (
    '<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><circle cx="16" cy="16" r="14" fill="none" '
    'stroke="#0d6660" stroke-width="2.4"/><circle cx="16" cy="16" r="7.5" fill="none" stroke="#0d6660" '
    'stroke-width="1.2" stroke-dasharray="2.4 2.2"/><circle cx="18.5" cy="13.5" r="3.6" fill="#0d6660"/></svg>'
)


def page(course: CourseRecord, made: datetime) -> str:
    """Write the page. Raises ReportError when no session has been worked yet."""
    seen = glance(course)
    if seen is None:
        raise ReportError("there is nothing to report yet: no session with some work on a side is kept")
    style = files("qlmat.report").joinpath("report.css").read_text(encoding="utf-8")
    who = course.person.name or f"Person {course.person.person}"
    body = "".join(_body(course, seen, who, made))
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>QL Mat: {escape(who)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<style>{style}</style></head><body><main>{body}</main></body></html>\n"
    )


def _body(course: CourseRecord, seen: Glance, who: str, made: datetime) -> Iterator[str]:
    yield f'<p class="who">QL Mat · {escape(who)} · made {_day(made.date())}</p>'
    lead = f"Self-massage with the QL Mat, {_span(seen)}"
    yield f'<header><div><h1>{escape(who)}</h1><p class="lead">{lead}</p></div>{MARK}</header>'
    yield _tiles(seen, target_of(course))
    yield _calendar(seen)
    yield _plot("Pressure in and out of the zone", ZONE, pressure(seen))
    yield _plot("Force under the ball", FORCE, force(seen, course.comforts))
    yield _comforts(changes(course.comforts))
    yield _plot("Pace", PACE, pace(seen, target_of(course)))
    yield '<div class="page"></div>'
    yield _plot("Where the ball was, and how firm", PLACES, spots(course))
    yield _table(seen)
    yield _notes(course.notes)
    yield _efforts(course.efforts[-LATEST:])
    yield f"<footer><b>About this page.</b> {escape(ABOUT)}{_guess(course.sessions)}</footer>"


def _tiles(seen: Glance, target_hz: float) -> str:
    pace_cpm = None if seen.cadence_hz is None else 60.0 * seen.cadence_hz
    tiles = [
        (f"{seen.days} <small>of {len(seen.calendar)} days</small>", f"{_count(seen.sessions, 'session')}"),
        (f"{seen.worked_s / 60:.0f} <small>min</small>", "worked in the zone, at an easy pace"),
        (
            "–" if seen.inside_ratio is None else f"{100 * seen.inside_ratio:.0f} <small>%</small>",
            "of the time in the zone",
        ),
        ("–" if seen.force_n is None else f"{seen.force_n:.0f} <small>N</small>", "middle force of the sessions"),
        (
            "–" if pace_cpm is None else f"{pace_cpm:.1f} <small>/min</small>",
            f"middle pace; asked for {60 * target_hz:.0f}",
        ),
    ]
    cells = "".join(f'<div class="tile"><b>{big}</b><span>{small}</span></div>' for big, small in tiles)
    return f'<div class="tiles">{cells}</div>'


def _calendar(seen: Glance) -> str:
    cells = []
    for day, session in seen.calendar:
        words = f"{_day(day)}: " + ("no session" if session is None else _worked(session))
        cells.append(f'<li><svg viewBox="0 0 24 24" role="img" aria-label="{words}">{_dot(session, day, seen)}</svg>'
                     f"{day:%a}<br>{day.day}</li>")  # fmt: skip
    return f'<ul class="days">{"".join(cells)}</ul>'


def _dot(session: SessionRecord | None, day: date, seen: Glance) -> str:
    """Draw a day: each half filled if its side was worked; a ring for none, a faint one for a day to come."""
    line = "#e4dfd5" if day > seen.last else "#b9c4c1"
    ring = f'<circle cx="12" cy="12" r="10" fill="none" stroke="{line}" stroke-width="1.6"/>'
    if session is None:
        return ring
    halves = {"left": ("M12 2a10 10 0 0 0 0 20z", "#0d6660"), "right": ("M12 2a10 10 0 0 1 0 20z", "#6a5a9c")}
    filled = (halves[side.side] for side in session.sides)
    return ring + "".join(f'<path d="{path}" fill="{colour}"/>' for path, colour in filled)


def _plot(title: str, hint: str, svg: str) -> str:
    picture = base64.b64encode(svg.encode()).decode()
    said = f'alt="{escape(title)}; the numbers stand in the tables."'
    return (
        f'<h2>{escape(title)}</h2><p class="hint">{escape(hint)}</p>'
        f'<figure><img {said} src="data:image/svg+xml;base64,{picture}"></figure>'
    )


def _comforts(found: Sequence[Change]) -> str:
    if not found:
        return ""
    rows = "".join(
        f'<tr><td class="{each.side}">{each.side.capitalize()}</td><td class="words">{_setting(each)}</td>'
        f"<td>{len(each.readings)}</td><td>{each.before_n:.0f} N</td><td>{each.now_n:.0f} N</td>"
        f'<td class="words">{escape(each.words)}</td></tr>'
        for each in found
    )
    return (
        '<h2>Comfortable force</h2><div class="scroll"><table><thead><tr><th>side</th>'
        '<th class="words">position, ball</th><th>readings</th><th>first three</th><th>last three</th>'
        '<th class="words">what can be told</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _setting(change: Change) -> str:
    return escape(change.position.replace("_", " ") + (f", {change.ball}" if change.ball else ""))


def _table(seen: Glance) -> str:
    rows = []
    for day, session in seen.calendar:
        if session is None:
            continue
        cells = []
        for side in SIDES:
            row = session.of(side)
            if row is None:
                cells.append("<td>–</td>" * 4)
                continue
            share = f"{100 * row.inside_s / lying_s(row):.0f} %" if lying_s(row) else "–"
            cells.append(f"<td>{row.worked_s:.0f} s</td><td>{share}</td><td>{_of(row.force_n, 1.0, '.0f')}</td>"
                         f"<td>{_of(row.cadence_hz, 60.0, '.1f')}</td>")  # fmt: skip
        rows.append(f"<tr><td>{day:%a} {day.day} {day:%b}{'' if session.clock_synced else ' *'}</td>{GAP.join(cells)}"
                    f'<td class="words">{escape(session.ended or "")}</td></tr>')  # fmt: skip
    head = GAP.join(["<th>worked</th><th>in zone</th><th>force, N</th><th>pace</th>"] * 2)
    return (
        '<h2>Day by day</h2><div class="scroll"><table><thead><tr><td></td><th colspan="4" class="left">left</th>'
        f'{GAP}<th colspan="4" class="right">right</th><td></td></tr>'
        f'<tr><th>day</th>{head}<th class="words">ended</th></tr>'
        f"</thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _efforts(efforts: Sequence[Effort]) -> str:
    lines = []
    for each in efforts:
        title = EXERCISES[each.exercise].title if each.exercise in EXERCISES else each.exercise
        result = f"{each.lifts} times" if each.held_s is None else f"held for {each.held_s:.0f} s"
        day = each.at.astimezone()
        lines.append(f"<li><time>{day.day} {day:%b}, {each.side}</time><span>{escape(title)}: {result}</span></li>")
    return f'<h2>Strengthening</h2><ul class="notes">{"".join(lines)}</ul>' if lines else ""


def _notes(notes: Sequence[Note]) -> str:
    if not notes:
        return ""
    lines = "".join(f"<li><time>{_short(note)}</time><span>{escape(note.text)}</span></li>" for note in notes)
    return f'<h2>Notes</h2><ul class="notes">{lines}</ul>'


def _short(note: Note) -> str:
    day = note.at.astimezone().date()
    return f"{day.day} {day:%b}" + (f", {note.side}" if note.side else "")


def _guess(sessions: Sequence[SessionRecord]) -> str:
    if all(session.clock_synced for session in sessions):
        return ""
    return " * The mat's clock had not been set on this day: the order of the days is right, the date a guess."


def _worked(session: SessionRecord) -> str:
    return ", ".join(f"{side.side} {side.worked_s:.0f} seconds" for side in session.sides)


def _of(value: float | None, scale: float, form: str) -> str:
    return "–" if value is None else format(scale * value, form)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _span(seen: Glance) -> str:
    if seen.first == seen.last:
        return _day(seen.first)
    same_year = seen.first.year == seen.last.year
    if same_year and seen.first.month == seen.last.month:
        return f"{seen.first.day} to {_day(seen.last)}"
    return f"{seen.first.day} {seen.first:%B}{'' if same_year else f' {seen.first.year}'} to {_day(seen.last)}"
