"""The picture of a replay shows what the ticks said, breaks where nothing is known, and never hides a spike."""

import doctest
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="the picture needs qlmat[report]")

from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from qlmat.cli.main import main
from qlmat.cli.plotting import Plot
from qlmat.cli.replay import _ticks
from qlmat.config import load
from qlmat.core.model import NO_CONTACT, Contact, Contacts, Event, Movement, Practice, Tick
from qlmat.core.plan import Plan
from qlmat.errors import ReportError, UsageError
from qlmat.recording import read
from qlmat.report import trace as traces
from qlmat.report.style import COLOUR
from qlmat.report.timeline import picture, trouble
from qlmat.report.trace import Trace, line
from qlmat_firmware.board import BOARD_V1
from tests.cli.practice import every, write_practice
from tests.cli.processes import qlmat

Replay = Callable[[Path, Path], tuple[int, "pytest.CaptureResult[str]"]]
MAGIC = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}
PANELS = ("force", "centre of pressure, across", "centre of pressure, along", "cadence")


@pytest.fixture
def replay(capsys: pytest.CaptureFixture[str]) -> Replay:
    """Replay a file with a picture in this process; give the exit code and what was said."""

    def run(file: Path, plot: Path) -> tuple[int, "pytest.CaptureResult[str]"]:
        with pytest.raises(SystemExit) as left:
            main(["replay", str(file), "--plot", str(plot)])
        return int(left.value.code or 0), capsys.readouterr()

    return run


def seen(t_s: float, left: Contact, movement: Movement = Movement(), *events: Event, cue: str | None = None) -> Tick:
    return Tick(t_s, Contacts(t_s, left, NO_CONTACT), movement, Practice("working", "left", 0.0, 90.0), events, cue)


def drawn(ticks: list[Tick], gaps: list[tuple[float, float]] | None = None, notes: tuple[str, ...] = ()) -> list[Axes]:
    trace = Trace()
    for tick in ticks:
        trace.add(tick)
    return list(picture(trace, Plan(), gaps or [], "a title", notes).axes)


def panel(axes: list[Axes], name: str) -> Axes:
    return next(each for each in axes if each.get_title(loc="left").startswith(name))


def rocking(seconds: float = 20.0) -> list[Tick]:
    told = Movement("left", "rock", 0.2, 0.01, confirmed=True)
    return [seen(t, Contact(90.0 + t, (10.0 * np.sin(t), -5.0), True), told) for t in np.arange(0.0, seconds, 0.1)]


def lines(axes: Axes, colour: str) -> np.ndarray[Any, Any]:
    (found,) = [
        each for each in axes.get_lines() if each.get_color() == colour and len(np.atleast_1d(each.get_xdata())) > 2
    ]
    return np.column_stack([found.get_xdata(), found.get_ydata()])


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(traces).attempted > 4
    assert doctest.testmod(traces).failed == 0


@pytest.mark.parametrize("suffix", MAGIC)
def test_a_replay_draws_a_picture_of_the_kind_its_name_says(tmp_path: Path, replay: Replay, suffix: str) -> None:
    write_practice(tmp_path / "w.csv", every(0.05, 10.0))
    code, said = replay(tmp_path / "w.csv", tmp_path / f"out{suffix}")
    assert (code, said.err.strip()) == (0, "")
    assert "median cadence" in said.out
    content = (tmp_path / f"out{suffix}").read_bytes()
    assert content.startswith(MAGIC[suffix])
    assert len(content) > 20_000
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["w.csv", f"out{suffix}"])


def test_a_picture_changes_nothing_of_what_is_said(tmp_path: Path) -> None:
    write_practice(tmp_path / "w.csv", every(0.05, 10.0))
    alone = qlmat("replay", "w.csv", "--json", cwd=tmp_path)
    beside = qlmat("replay", "w.csv", "--json", "--plot", "w.png", cwd=tmp_path)
    assert beside.stdout == alone.stdout
    assert len(beside.stdout.splitlines()) > 40
    assert json.loads(beside.stdout.splitlines()[-1])["t_s"] == pytest.approx(9.95)


def test_the_same_recording_gives_the_same_picture(tmp_path: Path) -> None:
    recording = read(write_practice(tmp_path / "w.csv", every(0.05, 10.0)), BOARD_V1)
    settings = load(None, BOARD_V1)
    for name in ("a.svg", "b.svg", "a.pdf", "b.pdf"):
        plot = Plot(tmp_path / name, recording, settings)
        list(plot.through(_ticks(recording, settings)))
        plot.draw([])
    for suffix in ("svg", "pdf"):
        assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


def test_force_centre_and_cadence_stand_on_one_time_axis_as_the_ticks_had_them() -> None:
    axes = drawn(rocking())
    force, across, along, cadence = (panel(axes, name) for name in PANELS)
    assert len({each.get_xlim() for each in axes}) == 1
    assert lines(force, COLOUR["left"])[50] == pytest.approx([5.0, 95.0])
    assert lines(across, COLOUR["left"])[50] == pytest.approx([5.0, 10.0 * np.sin(5.0)])
    assert lines(along, COLOUR["left"])[50] == pytest.approx([5.0, -5.0])
    (confirmed,) = [each for each in cadence.get_lines() if each.get_linewidth() == 1.5]
    assert np.asarray(confirmed.get_ydata())[50] == pytest.approx(12.0)


def test_the_uncertainty_of_the_cadence_is_drawn_around_it() -> None:
    cadence = panel(drawn(rocking()), "cadence")
    (band,) = [each for each in cadence.collections if isinstance(each, PolyCollection)]
    heights = band.get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == (pytest.approx(11.4), pytest.approx(12.6))


def test_a_cadence_not_yet_confirmed_is_a_thinner_line() -> None:
    ticks = [seen(n * 0.1, NO_CONTACT, Movement("left", "rock", 0.2, 0.01)) for n in range(50)]
    thin, thick = sorted(
        (each for each in panel(drawn(ticks), "cadence").get_lines() if len(np.atleast_1d(each.get_xdata())) == 50),
        key=lambda each: each.get_linewidth(),
    )
    assert np.isfinite(np.asarray(thin.get_ydata())).all()
    assert np.isnan(np.asarray(thick.get_ydata())).all()


def test_session_movement_and_cue_are_written_into_their_strips() -> None:
    bending = Movement("left", "bend", 0.2, 0.01)
    ticks = [seen(n * 0.1, NO_CONTACT, bending, cue="too_hard" if n > 60 else None) for n in range(100)]
    strips = drawn(ticks)[0]
    assert [label.get_text() for label in strips.get_yticklabels()] == ["session", "movement", "cue"]
    assert [each.get_text() for each in strips.texts] == ["working, left", "bend", "too hard"]


def test_every_event_has_its_mark_in_the_row_of_its_name() -> None:
    happened = [Event(1.0, "placed", "left"), Event(2.0, "too_hard", "left"), Event(3.0, "placed", "right"),
                Event(3.0, "sensor_fault", "left", {"sensor": "left_2", "force_n": 1.0})]  # fmt: skip
    ticks = [seen(n * 0.1, NO_CONTACT) for n in range(50)]
    ticks[30] = seen(3.0, NO_CONTACT, Movement(), *happened)
    rows = drawn(ticks)[-1]
    assert [label.get_text() for label in rows.get_yticklabels()] == ["placed", "too hard", "sensor fault"]
    marks = [each for each in rows.get_lines() if each.get_marker() in ("o", "s", "D")]
    places = [tuple(map(float, xy)) for each in marks for xy in np.column_stack([each.get_xdata(), each.get_ydata()])]
    assert places == [(1.0, 0.0), (2.0, 1.0), (3.0, 0.0), (3.0, 2.0)]
    assert [each.get_text() for each in rows.texts] == ["left_2"]
    assert [event.name for event in happened if trouble(event)] == ["too_hard", "sensor_fault"]


def test_a_recording_without_events_says_so() -> None:
    assert [each.get_text() for each in drawn(rocking(2.0))[-1].texts] == ["no events"]


def test_a_line_breaks_at_a_gap_and_the_gap_is_hatched_on_every_panel() -> None:
    ticks = [tick for tick in rocking() if not 5.0 < tick.t_s < 9.0]
    axes = drawn(ticks, gaps=[(5.0, 9.0)])
    force = lines(panel(axes, "force"), COLOUR["left"])
    assert np.isnan(force[:, 1]).sum() == 1
    assert [sum(bool(patch.get_hatch()) for patch in each.patches) for each in axes] == [1] * 6


def test_a_pad_that_cannot_be_read_has_no_line_and_is_shaded() -> None:
    unread = Contact(None, None, False)
    ticks = [seen(tick.t_s, unread if 5.0 < tick.t_s < 9.0 else tick.contacts.left) for tick in rocking()]
    force = panel(drawn(ticks), "force")
    values = lines(force, COLOUR["left"])
    assert np.isnan(values[:, 1]).sum() == sum(5.0 < tick.t_s < 9.0 for tick in ticks)
    shaded = [path for each in force.collections for path in each.get_paths()]
    assert [(path.vertices[:, 0].min(), path.vertices[:, 0].max()) for path in shaded] == [pytest.approx((5.1, 8.9))]


def test_a_pad_that_the_board_does_not_have_is_not_shaded() -> None:
    unread = Contact(None, None, False)
    one_pad = [replace(tick, contacts=Contacts(tick.t_s, tick.contacts.left, unread)) for tick in rocking()]
    blind = [replace(tick, contacts=Contacts(tick.t_s, unread, unread)) for tick in rocking()]
    shades = [
        [path for each in panel(drawn(ticks), "force").collections for path in each.get_paths()]
        for ticks in (one_pad, blind)
    ]
    assert [len(each) for each in shades] == [0, 2]


def test_what_was_not_regular_stands_above_the_strips() -> None:
    assert "2 gaps" in drawn(rocking(), notes=("2 gaps, the longest 3 s",))[0].get_title(loc="left")


def test_an_hour_is_brought_down_to_what_a_screen_shows_and_keeps_its_spikes() -> None:
    t_s = np.arange(0.0, 3600.0, 0.02)
    values = np.zeros_like(t_s)
    values[[77_777, 123_456]] = 50.0, -40.0
    values[1000:9000] = np.nan
    thin = line(t_s, values, [], most=6000)
    assert len(thin.t_s) < 6100
    assert (np.nanmax(thin.values), np.nanmin(thin.values)) == (50.0, -40.0)
    assert np.isnan(thin.values).any()


def test_a_repeated_stamp_adds_its_events_only() -> None:
    trace = Trace()
    for tick in (seen(1.0, NO_CONTACT), seen(1.0, NO_CONTACT, Movement(), Event(1.0, "frame_dropped"))):
        trace.add(tick)
    assert trace.t_s.tolist() == [1.0]
    assert [event.name for event in trace.events] == ["frame_dropped"]


@pytest.mark.parametrize("contact", [NO_CONTACT, Contact(None, None, False), Contact(90.0, (0.0, 0.0), True)])
def test_a_single_row_can_be_drawn_whatever_it_says(contact: Contact) -> None:
    assert len(drawn([seen(12.5, contact)])) == 6


# --- what cannot be drawn ----------------------------------------------------------------------------------------


def test_another_kind_of_file_is_refused_before_anything_is_replayed(tmp_path: Path, replay: Replay) -> None:
    write_practice(tmp_path / "w.csv", every(0.05, 5.0))
    for name in ("w.csv", "out.jpg", "out"):
        code, said = replay(tmp_path / "w.csv", tmp_path / name)
        assert (code, said.out) == (2, "")
        assert f"{name}: draws .png, .svg, .pdf: end the name in one of these" in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["w.csv"]


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_replayed(tmp_path: Path, replay: Replay) -> None:
    write_practice(tmp_path / "w.csv", every(0.05, 5.0))
    (tmp_path / "folder.png").mkdir()
    for name, said in (
        ("none/out.png", "cannot be written (no such file or directory)"),
        ("folder.png", "is a folder"),
    ):
        code, heard = replay(tmp_path / "w.csv", tmp_path / name)
        assert (code, heard.out) == (1, "")
        assert f"{name}: {said}: choose another --plot" in heard.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.png", "w.csv"]


def test_a_disk_that_fills_during_the_replay_leaves_the_old_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = read(write_practice(tmp_path / "w.csv", every(0.05, 5.0)), BOARD_V1)
    settings = load(None, BOARD_V1)
    (tmp_path / "out.png").write_bytes(b"old")
    plot = Plot(tmp_path / "out.png", recording, settings)
    list(plot.through(_ticks(recording, settings)))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ReportError, match=r"out\.png: cannot be written \(no space left on device\)"):
        plot.draw([])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.png", "w.csv"]
    assert (tmp_path / "out.png").read_bytes() == b"old"


def test_without_the_library_the_error_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = read(write_practice(tmp_path / "w.csv", [0.0]), BOARD_V1)
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib" or name == "qlmat.report.timeline"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delattr("qlmat.report.timeline")
    monkeypatch.delitem(sys.modules, "qlmat.report.style")
    with pytest.raises(ReportError, match=r"--plot needs matplotlib: install it with pip install 'qlmat\[report\]'"):
        Plot(tmp_path / "out.png", recording, load(None, BOARD_V1))
    with pytest.raises(UsageError):  # a wrong name is said first
        Plot(tmp_path / "out.jpg", recording, load(None, BOARD_V1))
    assert [path.name for path in tmp_path.iterdir()] == ["w.csv"]
