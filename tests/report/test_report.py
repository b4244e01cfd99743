"""The report is one page that needs nothing else, two sheets of paper, and shows no name it could stumble over."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from qlmat.errors import ReportError
from qlmat.records import Comfort, CourseRecord, Effort, Note, Person
from qlmat.report.page import page
from qlmat.store.course import course_so_far
from qlmat.store.database import opened
from qlmat.store.people import find_person, people
from qlmat.store.rows import keep_comfort, keep_effort, keep_note
from tests.cli.processes import qlmat
from tests.store.practice import NOON, live

HOSTILE = '<script>alert("x")</script> & Söhne'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a fortnight of short sessions, one day missed, one on one side only."""
    folder = tmp_path_factory.mktemp("store")
    for day in range(14):
        if day != 5:
            live(folder, day, sides=("left",) if day == 3 else ("left", "right"))
    with opened(folder) as store:
        person = people(store)[0].person
        store.execute("UPDATE people SET name = ?", (HOSTILE,))
        keep_note(store, person, Note(NOON, HOSTILE, "left"))
        for day in range(4):
            keep_comfort(store, person, Comfort(NOON + timedelta(days=day), "left", "floor", None, 90.0, 85.0, 96.0, 3))
            keep_effort(store, person, Effort(NOON + timedelta(days=14 + day), "side_plank", "left", 12.0, None))
    return folder


def course(folder: Path) -> CourseRecord:
    with opened(folder) as store:
        return course_so_far(store, find_person(store, None))


class Tags(HTMLParser):
    """Collects what a browser would take for a tag, and every address in one."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "action", "data")]


def test_the_page_needs_nothing_else_and_runs_nothing(folder: Path) -> None:
    text = page(course(folder), NOON)
    tags = Tags()
    tags.feed(text)
    assert tags.addresses
    assert all(address.startswith("data:image/svg+xml;base64,") for address in tags.addresses)
    assert not {"script", "link", "iframe", "object"} & set(tags.seen)
    assert "url(" not in text
    assert "@import" not in text


def test_what_people_wrote_is_shown_as_they_wrote_it(folder: Path) -> None:
    text = page(course(folder), NOON)
    assert text.count("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; Söhne") >= 3
    assert "<script" not in text


def test_the_page_shows_every_day_and_each_side(folder: Path) -> None:
    text = page(course(folder), NOON)
    assert "2 to 15 March 2026" in text
    assert len(re.findall(r"<li><svg", text)) == 14
    assert text.count("no session") == 1
    assert "2 March 2026: left 12 seconds, right 12 seconds" in text
    assert '5 March 2026: left 12 seconds"' in text


def test_the_page_says_what_was_done_after_the_course(folder: Path) -> None:
    text = page(course(folder), NOON)
    assert text.count("Side plank: held for 12 s") == 4
    assert "16 Mar, left" in text


def test_the_same_course_gives_the_same_page(folder: Path) -> None:
    assert page(course(folder), NOON) == page(course(folder), NOON)


def test_a_report_without_a_session_says_so() -> None:
    with pytest.raises(ReportError, match="nothing to report yet"):
        page(CourseRecord(Person("a1b2c3d4", None, NOON)), NOON)


def test_a_fortnight_fits_on_two_sheets(folder: Path, tmp_path: Path) -> None:
    done = qlmat("report", "--store", str(folder), "-o", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    weasyprint = pytest.importorskip("weasyprint")
    laid_out = weasyprint.HTML(filename=tmp_path / "out" / "report.html").render()
    assert len(laid_out.pages) == 2
    assert (tmp_path / "out" / "report.pdf").read_bytes().startswith(b"%PDF-")
    assert (tmp_path / "out" / "report.html").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("missing", ["matplotlib", "weasyprint"])
def test_what_is_missing_is_named_with_how_to_install_it(folder: Path, tmp_path: Path, missing: str) -> None:
    (tmp_path / f"{missing}.py").write_text(f"raise ImportError('not here', name='{missing}')")
    done = qlmat("report", "--store", str(folder), "-o", "out", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert f"the report needs {missing}" in done.stderr
    assert "pip install 'qlmat[report]'" in done.stderr
    assert not (tmp_path / "out").exists()
