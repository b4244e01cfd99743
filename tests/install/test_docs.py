"""The pages build without a warning, load nothing from elsewhere, and say what the code does."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from docs import drawings
from qlmat.config import parse
from qlmat.topics import COMMANDS, TOPICS
from qlmat_firmware.board import BOARD_V1

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))


class Loads(HTMLParser):
    """Collects what a browser fetches by itself when it shows a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note sources of scripts, pictures and frames, and links to styles and fonts."""
        for name, value in attrs:
            if value and (name in ("src", "srcset") or (tag == "link" and name == "href")):
                self.found.append(value)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site; any warning fails."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=90)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return folder


def test_the_site_builds_without_a_warning(site: Path) -> None:
    assert {path.stem for path in PAGES} <= {path.stem for path in site.glob("*.html")}


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    for page in site.glob("*.html"):
        loads = Loads()
        loads.feed(page.read_text(encoding="utf-8"))
        assert loads.found
        assert not [each for each in loads.found if re.match(r"(https?:)?//", each)], page.name
    for style in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//", style.read_text(encoding="utf-8")), style


@pytest.mark.parametrize("name", ["cues.svg", "pads.svg"])
def test_drawings_are_what_the_code_draws_now(name: str) -> None:
    drawn = drawings.DRAWINGS[name]()
    assert (drawings.FOLDER / name).read_text(encoding="utf-8") == drawn, "run: python docs/drawings.py"


def test_every_cue_is_drawn() -> None:
    assert set(drawings.WORDS) == set(drawings.PATTERNS)


def test_every_configuration_in_the_pages_is_accepted_by_the_mat() -> None:
    snippets = [text for page in PAGES for text in re.findall(r"```toml\n(.*?)```", page.read_text(), re.DOTALL)]
    assert snippets
    for text in snippets:
        files_left_out = re.sub(r'^\w+ = "/.*$', "", text, flags=re.MULTILINE)  # of a reader's own machine
        parse(files_left_out, BOARD_V1, "docs")


def test_home_assistant_is_told_of_topics_and_keys_that_exist() -> None:
    text = (ROOT / "docs/home-assistant.md").read_text(encoding="utf-8")
    state = next(topic for topic in TOPICS if topic.name == "state")
    keys = set(re.findall(r"value_json\.(\w+)", text))
    assert keys
    assert keys <= {key.path for key in state.keys}
    topics = set(re.findall(r'"qlmat/mat/([\w/]+)"', text))
    assert topics <= {topic.name for topic in TOPICS} | {f"cmd/{name}" for name in COMMANDS}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_pages_make_no_health_claim(page: Path) -> None:
    # "does not treat", "never relieves": the words stand only where they are denied.
    for sentence in re.split(r"(?<=[.!?:|])\s", page.read_text(encoding="utf-8")):
        if re.search(r"\b(treats?|relieves?|cures?|heals?|diagnoses?)\b", sentence, re.IGNORECASE):
            assert re.search(r"\b(not|no|never|nobody)\b", sentence, re.IGNORECASE), sentence
