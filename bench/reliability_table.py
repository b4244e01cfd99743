"""The table of faults of docs/reliability.md, made of what the campaigns of `bench.reliability` found."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

Result = dict[str, Any]
BEGIN, END = "<!-- bench.reliability -->", "<!-- /bench.reliability -->"
HEAD = ("fault", "how it is made", "tried", "the person feels", "the watcher sees", "lost", "over after")
RESTART_S, WATCHDOG_S = 2.0, 20.0  # RestartSec= and WatchdogSec= of qlmat.service
# Zigbee2MQTT, ESPHome, Moonraker as read in their sources: ecosystem facts A.2, A.3. The rest was not looked at.
HANG = (
    "Zigbee2MQTT tells systemd's watchdog by a timer that it lives, not that data flow; Moonraker is restarted when it "
    "ends and has no watchdog; ESPHome starts in a safe mode after failed starts."
)
AWAY = (
    "Zigbee2MQTT drops what it cannot send and logs it; ESPHome keeps nothing and restarts after 15 minutes without a "
    "broker; Moonraker keeps nothing, tries every 2 s, and is known to stay away until it is restarted (its #1104)."
)
NONE = "not looked at."
BROKERS = (
    "A consumer counts events by their number. In all of these it had every event that was not lost once, in order, "
    "with its true time; how many came twice stands in the table. `turns end` is the control loop, 99 of 100 turns."
)
WAYS = {
    "sigterm": ("SIGTERM", "sent to the process", "the cue breaks off"),
    "exception": ("a bug", "an exception in the control loop", "the cue breaks off"),
    "out_of_memory": ("out of memory", "no byte more for the process (RLIMIT_AS)", "the cue breaks off"),
    "hung_thread": ("the control thread hangs", "an endless loop in Python", "the cue breaks off"),
    "stopped_clock": ("the clock stands still", "the mat's clock never moves again", "the cue breaks off"),
    "hung_in_c": ("hangs in C code", "an endless loop that holds Python's lock", "the cue breaks off"),
    "hung_bus": ("the bus never answers", "a system call that never returns", "the cue breaks off"),
    "sigstop": ("stopped in its tracks", "SIGSTOP", "the cue breaks off"),
    "sigkill": ("killed", "SIGKILL, as the kernel's memory killer does", "the cue breaks off"),
    "sigkill_all": ("killed, the sentry too", "SIGKILL to both at once", "one pulse lasts until the helper has run"),
}
HANGS_ON = ("hung_thread", "stopped_clock")  # everything is off; the process waits for systemd's watchdog
LINES = {
    "absent_at_start": ("broker absent at the start", "Mosquitto started 4 s after the mat"),
    "dies": ("broker dies", "SIGKILL to Mosquitto, back after 4 s"),
    "restarts": ("broker restarts", "Mosquitto stopped and started"),
    "refuses": ("connections refused", "line reset for 4 s"),
    "half_open": ("half-open connection", "line carries nothing for 4 s and says nothing"),
    "acks_lost": ("confirmations lost", "line carries one way only for 4 s"),
    "slow": ("slow line", "4 kB a second for 4 s"),
    "full_queue": ("full queue", "room for 10 events, 20 happen while refused"),
    "changed_password": ("changed password", "Mosquitto with another password file; the mat told after 4 s"),
    "a_day_away": ("24 h without a broker", "virtual time, a day's worth of events"),
}


def _kills(found: Result) -> Iterator[tuple[str, ...]]:
    start_s = found["starts"]["median_s"] if "starts" in found else None
    for way, (fault, how, feels) in WAYS.items():
        if way not in found["kills"]:
            continue
        each = found["kills"][way]
        off = "left on" if each["off_max_s"] is None else f"{feels}: {_after(each['off_median_s'])}"
        off += f" (longest {_short(each['off_max_s'] or 0.0)}) by {' or '.join(each['by'])}"
        if each["left_on"] or each["helper_failed"]:
            off += f"; **left on {each['left_on']}, helper failed {each['helper_failed']}**"
        waits_s = RESTART_S + (WATCHDOG_S if way in HANGS_ON else 0.0)
        back = "a start" if start_s is None else f"{waits_s + start_s:.1f} s ({waits_s:g} s is systemd's)"
        sees = "offline if it lasts longer than 5 s, then online; in the records as interrupted"
        over = "ends as asked" if way == "sigterm" else back
        sees = "offline; in the records as interrupted" if way == "sigterm" else sees
        yield (
            fault,
            how,
            str(each["tries"]),
            off,
            sees,
            "as under kill -9 below",
            over,
        )


def _stores(found: Result) -> Iterator[tuple[str, ...]]:
    each = found["stores"]
    how = f"SIGKILL at a random moment, {each['in_session']} of them in a session, on a real file system"
    lost = _lost(each) + f", {each['queued_lost']} events waiting for the broker"
    yield (
        "kill -9 while sessions are kept",
        how,
        str(each["kills"]),
        "as above",
        _closed(each),
        lost,
        "the next start",
    )


def _cuts(found: Result) -> Iterator[tuple[str, ...]]:
    each = found["cuts"]
    how = f"SIGKILL, {each['in_session']} of them in a session, then every file as it was when last synced"
    yield (
        "power cut while sessions are kept",
        how,
        str(each["kills"]),
        "all is off",
        _closed(each),
        _lost(each),
        "〃",
    )


def _lost(each: Result) -> str:
    return (
        f"{each['confirmed_lost']} of {each['confirmed']} confirmed events, {each['twice_or_gaps']} twice or out of "
        f"order, {each['broken']} databases; raw frames of at most {each['missing_max_s']:.1f} s (median "
        f"{each['missing_median_s']:.1f} s)"
    )


def _closed(each: Result) -> str:
    wrong = f"; **{len(each['dishonest'])} closed wrongly**" if each["dishonest"] else ""
    return f"{each['interrupted']} of {each['sessions']} sessions as interrupted, at their last second{wrong}"


def _disks(found: Result) -> Iterator[tuple[str, ...]]:
    names = {"ENOSPC": "disk full", "EIO": "I/O error", "EROFS": "read-only file system"}
    for error, each in found["disks"].items():
        lost = f"{each['events_wrong']} events, {each['frames_lost']} raw frames, {each['not_whole']} databases"
        how = f"{error} at each change to the disk in turn, once and for good, by a layer below SQLite"
        over = f"the next try, at most 30 s apart ({_short(each['recovered_max_s'])} when tried at once)"
        yield names[error], how, str(each["tries"]), "nothing", "a line in the log", lost, over


def _damages(found: Result) -> Iterator[tuple[str, ...]]:
    each, held, torn = found["damages"], found["damages"]["held"], found["damages"]["torn"]
    sees = f"{each['set_aside']} set aside under another name and told, {each['untold']} untold"
    lost = f"{each['not_kept']} of the new sessions; the old ones are in the file set aside, or come from a backup"
    how = "noise in each page of the file in turn"
    yield "damaged database", how, str(each["pages"]), "nothing", sees, lost, "at the start, before a session"
    how = f"another program in the middle of writing for {held['seconds']:g} s"
    lost, over = f"{held['lost']} events", f"{_short(held['recovered_s'])}"
    yield "database held", how, "1", "nothing", "a line in the log", lost, over
    sees = f"{torn['refused']} refused with a line to delete, {torn['read']} read up to the cut"
    yield (
        "torn recording",
        "cut at a random byte",
        str(torn["cuts"]),
        "-",
        sees,
        f"{torn['wrong']} read wrongly",
        "-",
    )


def _brokers(found: Result) -> Iterator[tuple[str, ...]]:
    for fault, (name, how) in LINES.items():
        each = found["brokers"].get(fault)
        if each is None:
            continue
        feels = "nothing"
        if fault not in ("absent_at_start", "a_day_away"):
            feels += f": turns end within {each['late_under_ms']:.0f} ms, {each['late_before_ms']:.0f} before"
        lost = f"{each['missing']} of {each['events']} events"
        if each["lost_counted"]:
            lost += f", the oldest; {each['lost_counted']} counted and told"
        if each["not_in_order"] or each["false_times"]:
            lost += f"; **{each['not_in_order']} runs out of order, {each['false_times']} false times**"
        sees = f"{each['repeated']} came twice"
        if fault == "a_day_away":
            sees += f"; memory grew by {each['grown_mb']:.1f} MB, queue on disk {each['queued_mb']:.1f} MB"
        yield name, how, str(each["tries"]), feels, sees, lost, _short(each["recovered_max_s"])


def _buses(found: Result) -> Iterator[tuple[str, ...]]:
    for fault, each in found["buses"].items():
        if fault == "nothing":
            continue
        paused = each["paused_s"] is not None
        feels = f"ball lost cue after {each['paused_s']:.1f} s, time stands still" if paused else "nothing"
        told = (
            "nothing yet"
            if each["told_s"] is None
            else f"{each['told'].replace('_', ' ')}, first after {each['told_s']:.2f} s"
        )
        lost = "nothing of the session" if each["survived"] else "**the session**"
        over = "-" if not paused else f"{each['back_s']:.1f} s"
        yield fault, "6 s, whole program", "1", feels, told, lost, over


def _clocks(found: Result) -> Iterator[tuple[str, ...]]:
    each = found["clocks"]
    how = "wrong by up to 3 years, set in mid-session, half of them around summer time, leap day or January 2038"
    sees = f"{each['never_set']} whose clock was never set are marked, {each['unmarked']} wrongly"
    lost = f"{each['wrong_length']} lengths, {each['wrong_order']} orders of events, {each['wrong_date']} dates"
    yield "clock wrong, then set", how, str(each["sessions"]), "nothing", sees, lost, "10 s after it is set"


def _after(seconds: float) -> str:
    return "off at once" if seconds < 0.001 else f"off after {_short(seconds)}"


def _short(seconds: float) -> str:
    if seconds < 0.001:
        return "under 1 ms"
    return f"{1000 * seconds:.0f} ms" if seconds < 1.0 else f"{seconds:.1f} s"


def table(found: Result) -> str:
    """Write a section of Markdown for each kind of fault of which something was found."""
    sections = (
        ("The program ends or hangs in mid-cue", HANG, "", [("kills", _kills)]),
        ("Kills, power cuts and disks", NONE, "", [
            ("stores", _stores), ("cuts", _cuts), ("disks", _disks), ("damages", _damages)]),
        ("The broker", AWAY, BROKERS, [("brokers", _brokers)]),
        ("Bus, chips and feet", NONE, "", [("buses", _buses)]),
        ("The clock", NONE, "", [("clocks", _clocks)]),
    )  # fmt: skip
    parts = []
    for title, elsewhere, intro, makers in sections:
        rows = [row for name, make in makers if name in found for row in make(found)]
        if rows:
            lines = [HEAD, tuple("---" for _ in HEAD), *rows]
            parts += [f"### {title}", *([intro] if intro else []), f"Elsewhere: {elsewhere}"]
            parts.append("\n".join("| " + " | ".join(line) + " |" for line in lines))
    return "\n\n".join(parts)


def write(found: Result, page: Path) -> None:
    """Put the table between its marks in a page."""
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{table(found)}\n\n{END}{after}", encoding="utf-8")
