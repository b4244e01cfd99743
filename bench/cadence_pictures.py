"""Draw the pictures of docs/cadence.md: `python -m bench.cadence_pictures [--folder DIR]`.

Everything drawn is computed here by the core itself; the records are of the tuning seeds. The files are the same each
time, and turn dark where the reader's page is.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from bench.cadence_chain import record
from bench.cadence_families import Body, body
from bench.cadence_ours import ours
from bench.cadence_peers import WINDOW_S, peer
from bench.cadence_picture_replay import replay
from bench.cadence_score import Answers, Score
from bench.cadence_svg import WIDTH_IN, save
from qlmat.core.contact import ContactDetector
from qlmat.core.model import FloatArray, Forces
from qlmat.core.movement_bank import SPANS, basis, candidates, energies
from qlmat.core.movement_channels import Presence
from qlmat.core.movement_follow import Follower
from qlmat.core.movement_models import IDLE, models, weigh
from qlmat.core.movement_slots import SLOT_S, Slots
from qlmat.report.style import ACCENT, COLOUR, EDGE, INK, LOW, SOFT, WARN, drawing, level
from qlmat_firmware.board import BOARD_V1

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
TICKS_CPM = (5, 10, 20, 40)
PEER = "numpy_acf"  # the best simple peer of the facts file


# --- what the windows see ----------------------------------------------------------------------------------------


def windows(path: Path) -> None:
    """Show three windows on a movement that has just begun, and what each of them takes for its cadence."""
    cpm, rng = 12.0, np.random.default_rng(2)
    t_s = np.arange(-3.0, 11.0, SLOT_S)
    swing = np.where(t_s > 0, np.sin(2 * np.pi * cpm / 60 * t_s) + 0.15 * np.sin(4 * np.pi * cpm / 60 * t_s), 0.0)
    values = 9.0 * swing + 0.25 * t_s + rng.normal(0.0, 0.9, len(t_s))
    with drawing(2.9, WIDTH_IN, ncols=2, width_ratios=[1.25, 1.0]) as (figure, (seen, told)):
        seen.plot(t_s, values, ".", color=SOFT, ms=2.5)
        for k, (span, colour) in enumerate(((0.75, WARN), (SPANS[0], LOW), (SPANS[1], ACCENT))):
            n = round(span * 60 / cpm / SLOT_S)
            columns = basis(cpm / 60, n)
            seen.plot(t_s[-n:], columns @ (columns.T @ values[-n:]), color=colour, lw=2.2)
            seen.plot([t_s[-n], t_s[-1]], [-16.0 - 3.0 * k] * 2, color=colour, lw=4, solid_capstyle="butt")
            seen.text(t_s[-n] - 0.15, -16.0 - 3.0 * k, f"{span:g} periods", ha="right", va="center", fontsize=7)
            told.semilogx(60 * candidates(), _explained(values, span), color=colour, lw=1.8)
        level(seen, "place of the load, mm, and what fits the newest periods; seconds since the start")
        seen.set(ylim=(-24.0, 16.0), yticks=(-10, 0, 10))
        _by_cadence(told, "part explained by a line and two harmonics, by cycles a minute", cpm)
        told.set_ylim(0.0, 1.05)
        save(figure, path)


def _explained(values: FloatArray, span: float) -> FloatArray:
    """Fit each candidate over `span` of its own periods: part of what a line leaves, NaN without enough history."""
    parts = []
    for hz in candidates().tolist():
        n = round(span / hz / SLOT_S)
        z2 = (basis(hz, n).T @ values[-n:]) ** 2 if n <= len(values) else np.full(6, np.nan)
        whole = float(values[-n:] @ values[-n:]) - z2[0] - z2[1]
        parts.append(z2[2:].sum() / whole)
    return np.array(parts)


def _by_cadence(axes: Axes, words: str, true_cpm: float) -> None:
    level(axes, words)
    axes.axvline(true_cpm, color=INK, lw=0.8, ls=":")
    axes.set(xticks=TICKS_CPM, xticklabels=[str(tick) for tick in TICKS_CPM])
    axes.minorticks_off()


# --- periods, not seconds ----------------------------------------------------------------------------------------


def periods(path: Path) -> None:
    """Show a window in seconds and one in periods on slow and fast movement, and what either costs, measured."""
    with drawing(3.6, WIDTH_IN, nrows=2, ncols=2, width_ratios=[1.25, 1.0]) as (figure, axes):
        for axis, cpm in zip(axes[:, 0], (6.0, 40.0), strict=True):
            t_s = np.arange(-20.0, 0.0, 0.02)
            axis.plot(t_s, np.sin(2 * np.pi * cpm / 60 * t_s), color=INK, lw=0.9)
            for height, length_s, colour in ((-1.45, WINDOW_S, WARN), (-1.85, SPANS[1] * 60 / cpm, ACCENT)):
                axis.plot([-min(length_s, 20.0), 0.0], [height] * 2, color=colour, lw=4.5, solid_capstyle="butt")
            axis.set(yticks=[], xticks=range(-20, 1, 5), xlim=(-20, 0.1), ylim=(-2.1, 1.2))
            level(axis, f"{cpm:.0f} cycles a minute; seconds before now")
        scores = [(cpm, _score(made), _score(made, PEER)) for cpm, made in _clean(range(24))]
        for axis, what, words in (
            (axes[0, 1], "latency_s", "first right answer after, s, by cycles a minute"),
            (axes[1, 1], "stop_s", "silent after a stop after, s, by cycles a minute"),
        ):
            for at, colour, name in ((1, ACCENT, f"{SPANS[0]:g} to 5 periods"), (2, WARN, f"{WINDOW_S:.0f} s")):
                points = [(row[0], row[at][what]) for row in scores]
                axis.loglog(*zip(*points, strict=True), "o", color=colour, ms=3.5, mew=0, label=name)
            level(axis, words)
            _log(axis)
        axes[1, 1].legend(loc="lower left", handletextpad=0.2, borderaxespad=0.0)
        save(figure, path)


def _log(axes: Axes) -> None:
    axes.minorticks_off()
    axes.set(xticks=(6, 10, 20, 40, 60), yticks=(1, 2, 5, 10, 20), ylim=(0.6, 30.0))
    axes.set_xticklabels(["6", "10", "20", "40", "60"])
    axes.set_yticklabels(["1", "2", "5", "10", "20"])


def _clean(seeds: range) -> list[tuple[float, Body]]:
    bodies = [body("clean", seed) for seed in seeds]
    return [(60 * made.bouts[0].cycles / (made.bouts[0].end_s - made.bouts[0].start_s), made) for made in bodies]


def _score(made: Body, name: str | None = None) -> dict[str, float]:
    kept = record(made)
    answers: Answers = ours(kept) if name is None else peer(name, kept)
    score = Score()
    score.add(made, answers)
    period_s = made.bouts[0].period_s(made.bouts[0].end_s)
    return {"latency_s": score.latency[0] * period_s, "stop_s": score.stop_s[0]}


# --- the octave --------------------------------------------------------------------------------------------------


def octave(path: Path) -> None:
    """Show why the sum of both pads beats twice: one person rolling from pad to pad, and what each channel explains."""
    t_s, cpm = np.arange(0.0, 40.0, 1 / 25), 10.0
    roll = np.sin(2 * np.pi * cpm / 60 * t_s)
    newtons = np.repeat(np.stack([np.maximum(-roll, 0) ** 0.7, np.maximum(roll, 0) ** 0.7], 1) * 70 / 3, 3, axis=1)
    slots, presence, detector = Slots(), Presence(), ContactDetector(BOARD_V1)
    for at_s, row in zip(t_s, newtons, strict=True):
        if closed := slots.add(detector.step(Forces(float(at_s), row + 0.5))):
            presence.passed(closed, slots.touched)
    channels = presence.channels(slots)
    assert channels is not None
    shown = slice(-round(20.0 / SLOT_S), None)
    seconds = np.arange(-round(20.0 / SLOT_S), 0) * SLOT_S
    with drawing(3.4, WIDTH_IN, nrows=2, ncols=2, width_ratios=[1.25, 1.0]) as (figure, axes):
        axes[0, 0].plot(seconds, slots.values[shown, 0], color=COLOUR["left"], lw=1.0, label="left")
        axes[0, 0].plot(seconds, slots.values[shown, 3], color=COLOUR["right"], lw=1.0, label="right")
        axes[0, 0].plot(seconds, channels.force_n[shown] + 25.0, color=WARN, lw=1.6, label="sum")
        axes[0, 0].legend(ncols=3, loc="lower right", bbox_to_anchor=(1.0, 0.99), borderaxespad=0.1)
        for axis in axes[:, 0]:
            axis.set_xticks(range(-20, 1, 5))
        level(axes[0, 0], "force, N (the sum a little higher)")
        axes[1, 0].plot(seconds, channels.x_mm[shown], color=ACCENT, lw=1.6)
        level(axes[1, 0], "side to side, mm; seconds before now")
        found = energies(np.stack((channels.signal("force"), channels.signal("across"))))
        for axis, row, colour, word in ((axes[0, 1], 0, WARN, "the sum"), (axes[1, 1], 1, ACCENT, "side to side")):
            share = found.fundamental[row, 1] / found.fundamental[row, 1].max()
            axis.semilogx(60 * candidates(), share, color=colour, lw=1.6)
            _by_cadence(axis, f"what {word} says, by cycles a minute", cpm)
        save(figure, path)


# --- rival models ------------------------------------------------------------------------------------------------


RHYTHMS = ("steady", "uneven", "changing", "breathed upon")
RHYTHM_COLOURS = (ACCENT, EDGE, WARN, COLOUR["right"])


def rivals(path: Path) -> None:
    """Show which rhythms win while a steady one is breathed upon, and while a cadence climbs."""
    with drawing(3.9, WIDTH_IN, nrows=2, ncols=2, sharex="col", height_ratios=[1.3, 1.0]) as (figure, axes):
        for (top, bottom), family, seed, words in (
            (axes[:, 0], "breathing", 2, "one steady cadence, breathed upon"),
            (axes[:, 1], "ramp", 0, "from 10 to 30 in 45 s"),
        ):
            made = record(body(family, seed))
            answers, bout = ours(made), made.body.bouts[0]
            t_s = np.arange(float(np.interp(1.0, bout.phase, bout.t_s)), bout.end_s, 0.2)
            top.plot(t_s, [60 * bout.cadence_hz(float(t)) for t in t_s], color=LOW, lw=5, label="true, last cycle")
            inside = answers.t_s < bout.end_s
            top.plot(answers.t_s[inside], 60 * answers.cadence_hz[inside], color=WARN, lw=1.4, label="told")
            top.set(ylim=(5, 35), xlim=(bout.start_s, bout.end_s))
            level(top, f"cycles a minute: {words}")
            at_s, weights = _weights(made.body, bout.start_s, bout.end_s, 1 / bout.cadence_hz(bout.start_s + 10))
            bottom.stackplot(at_s, weights.T, labels=RHYTHMS, colors=RHYTHM_COLOURS, lw=0)
            bottom.set_ylim(0, 1)
            level(bottom, "weights")
        axes[0, 0].legend(loc="lower right", ncols=2)
        axes[1, 0].legend(loc="lower right", bbox_to_anchor=(1.02, 0.99), ncols=4, handlelength=0.8, columnspacing=0.9)
        save(figure, path)


def _weights(made: Body, start_s: float, end_s: float, period_s: float) -> tuple[FloatArray, FloatArray]:
    """Follow the moving channel by itself; give (n,) times and (n, 4) weights: three rhythms, and breathing on top."""
    even = np.interp(np.arange(0.0, made.t_s[-1], SLOT_S), made.t_s, made.x_mm)
    follower, at, rows = Follower(period_s, 1.3), [], []
    for end in range(round((start_s + 1.5 * period_s) / SLOT_S), round(end_s / SLOT_S), 4):
        follower.go_on(4 * SLOT_S)
        follower.follow(even[:end], 4 * SLOT_S)
        table = models(max(span for span in (1.25, 2.0, 3.5, 5.0) if span <= max(follower.cycles, 1.25)))
        samples = follower._laid_over(even[:end], table.samples)  # a picture of the inside
        if samples is not None:
            weights = weigh(table, samples, follower.period_s)[0]
            plain = len(table.log_prior) - IDLE - len(table.breaths)  # the first models; breathing comes after
            at.append(end * SLOT_S)
            rows.append([*weights[:plain].reshape(-1, 3).sum(axis=0), weights[plain:].sum()])
    return np.array(at), np.array(rows)


# --- along their own path ----------------------------------------------------------------------------------------

CYCLES_S = (5.0, 5.2, 4.9, 5.1, 5.0, 5.5, 4.6, 5.3, 4.7)  # the last five are the ones drawn


def path(file: Path) -> None:
    """Show five cycles that differ, laid over the cadence believed, and over the phases found at whole cycles."""
    t_s = np.arange(0.0, sum(CYCLES_S), SLOT_S)
    values = np.sin(2 * np.pi * np.interp(t_s, np.cumsum((0.0, *CYCLES_S)), np.arange(len(CYCLES_S) + 1)))
    follower = Follower(5.0, 2.0)
    for end in range(110, len(values), 4):
        follower.go_on(4 * SLOT_S)
        follower.follow(values[:end], 4 * SLOT_S)
    table, fine = models(5.0), np.arange(5 * 60 + 1) / 60
    samples = follower._laid_over(values, table.samples)  # a picture of the inside
    ago = follower._take(table, samples, *weigh(table, samples, follower.period_s)[:2])
    even, own = follower._slots_ago(fine), follower._own_slots_ago(fine, ago)
    with drawing(2.2, WIDTH_IN, ncols=2, sharey=True) as (figure, axes):
        for each, at, over in ((axes[0], even, "an even cadence"), (axes[1], own, "their own phases")):
            wave = np.interp(at, np.arange(len(values)), values[::-1])
            for back in range(5):
                each.plot(-fine[:61], wave[60 * back : 60 * back + 61], color=ACCENT, alpha=1 - 0.17 * back, lw=1.3)
            each.set_xlabel("cycles ago, within each cycle")
            level(each, f"five cycles over {over}; the newest darkest")
        save(figure, file)


PICTURES: dict[str, Callable[[Path], None]] = {
    "windows": windows,
    "periods": periods,
    "octave": octave,
    "rivals": rivals,
    "path": path,
    "replay": replay,
}


def main(arguments: list[str] | None = None) -> int:
    """Draw all pictures."""
    parser = argparse.ArgumentParser(prog="python -m bench.cadence_pictures", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to, instead of docs/pictures")
    folder: Path = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in PICTURES.items():
        draw(folder / f"cadence-{name}.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
