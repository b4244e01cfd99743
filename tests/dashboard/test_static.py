"""The files of the page, read as text: safe, complete, small, legible."""

import ast
import gzip
import hashlib
import json
import re
from itertools import product
from pathlib import Path

import pytest

from qlmat.core.rhythms import PATTERNS
from qlmat.dashboard.assets import STATIC, load_assets, practice_words
from qlmat.dashboard.words import load_words
from qlmat.wishes import WISHES

SCRIPTS = sorted(STATIC.glob("*.js"))
CORE = Path(__file__).parents[2] / "qlmat" / "core"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_puts_text_into_the_page_only_as_text(script: Path) -> None:
    ways = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|new Function|createContextualFrag"
    )

    assert re.findall(ways, script.read_text()) == []


@pytest.mark.parametrize(
    "file", [p for p in STATIC.iterdir() if p.suffix in (".js", ".css", ".html")], ids=lambda p: p.name
)
def test_nothing_is_asked_of_anybody_else(file: Path) -> None:
    addresses = re.findall(r"""(?:https?:)?//[\w.-]+\.\w+[^\s"'`]*""", file.read_text().replace("// ", ""))

    assert [address for address in addresses if "www.w3.org" not in address] == []


def test_the_page_has_no_inline_script_style_or_handler() -> None:
    page = (STATIC / "index.html").read_text()

    assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:", page) == []


def test_every_file_that_is_asked_for_exists() -> None:
    asked = set()
    for file in [STATIC / "index.html", *SCRIPTS]:
        asked |= set(re.findall(r'"(?:/static|\.)/([\w-]+(?:\.[\w-]+)+)"', file.read_text()))

    assert len(asked) > 10
    assert asked - {"uplot.js", "uplot.css"} <= set(load_assets()), (
        "the build brings those two, or the page does without"
    )


def test_every_element_a_script_looks_for_is_in_the_page() -> None:
    ids = {
        page: set(re.findall(r'id="([\w-]+)"', (STATIC / page).read_text())) for page in ("index.html", "login.html")
    }
    for script in SCRIPTS:
        assert (
            set(re.findall(r'\$\("([\w-]+)"\)', script.read_text()))
            <= ids["login.html" if script.name == "login.js" else "index.html"]
        ), script.name


def test_the_first_load_is_under_90_kb_compressed() -> None:
    assert sum(len(asset.compressed) for asset in load_assets().values()) < 90_000


def test_a_compressed_file_is_the_file() -> None:
    for asset in load_assets().values():
        assert gzip.decompress(asset.compressed) == asset.body


def test_what_the_build_compressed_is_used_only_for_the_file_it_was_made_of(tmp_path: Path) -> None:
    (tmp_path / "built").mkdir()
    (tmp_path / "main.js").write_bytes(b"as built")
    ready = tmp_path / "built" / f"main.js.{hashlib.sha256(b'as built').hexdigest()[:16]}.gz"
    ready.write_bytes(b"compressed by the build")
    assert load_assets(tmp_path)["main.js"].compressed == b"compressed by the build"

    (tmp_path / "main.js").write_bytes(b"edited since")

    assert gzip.decompress(load_assets(tmp_path)["main.js"].compressed) == b"edited since"


def test_the_chart_library_is_the_one_that_the_lock_file_pins() -> None:
    built = STATIC / "built"
    if not (built / "uplot.js").exists():
        pytest.skip("built without npm: the page draws its chart itself")
    lock = (STATIC.parents[2] / "package-lock.json").read_bytes()

    assert (built / "lock.sha256").read_text() == hashlib.sha256(lock).hexdigest()
    assert json.loads(lock)["packages"]["node_modules/uplot"]["integrity"].startswith("sha512-")
    assert b"MIT" in (built / "uplot.LICENSE.txt").read_bytes()


# --- words ------------------------------------------------------------------------------------------------------------


def test_every_cue_of_the_core_has_words() -> None:
    assert set(PATTERNS) <= set(load_words()["cues"])


def _named_events() -> set[str]:
    """Find the names given to events in the core's source: arguments of event calls, and what `judge_...` returns."""
    named = set()
    for node in (node for file in CORE.glob("*.py") for node in ast.walk(ast.parse(file.read_text()))):
        if isinstance(node, ast.Call) and ast.unparse(node.func).lower().endswith("event"):
            texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            named |= set(texts[:1])
        if isinstance(node, ast.FunctionDef) and node.name.startswith("judge"):
            body = ast.unparse(node.body[1:])  # type: ignore[arg-type]  # a list of statements is fine
            named |= set(re.findall(r"'([a-z]+_?[a-z_]+)'", body))
    return named - {"rock", "bend", "left", "right"}


def test_every_event_named_in_the_core_has_words() -> None:
    words = load_words()

    assert len(_named_events()) > 20
    assert _named_events() <= set(words["events"]) | set(words["unlisted"])


def test_every_state_and_kind_of_the_core_has_words() -> None:
    from typing import get_args

    from qlmat.core.model import Kind, State

    words = load_words()

    assert set(words["states"]) == set(get_args(State))
    assert set(words["kinds"]) == {*get_args(Kind), "none"}


def test_the_page_offers_only_commands_the_mat_knows() -> None:
    scripts = "".join(script.read_text() for script in SCRIPTS)
    offered = set(re.findall(r'\bsend\("(\w+)"', scripts)) | set(load_words()["text"]["commands"])

    assert {"screening", "unlock", "position", "calibrate", "stop"} <= offered <= set(WISHES)


def test_what_a_number_may_be_is_told_to_the_page_by_the_table_of_commands() -> None:
    told = json.loads(load_assets()["fields.json"].body)
    assert told["plan"]["comfortable_n"] == {"unit": "N", "min": 20.0, "max": 200.0, "step": 5.0}
    assert {f"{wish}.{key}" for wish, keys in told.items() for key in keys} == {
        f"{wish.name}.{field.key}" for wish in WISHES.values() for field in wish.fields if field.low is not None
    }


def test_what_is_asked_in_german_is_what_the_core_asks() -> None:
    german = json.loads((STATIC / "practice.de.json").read_text())

    assert _shape(german) == _shape(practice_words())
    assert (german["unlockable"], german["urgent"]) == (practice_words()["unlockable"], practice_words()["urgent"])


def test_the_door_speaks_by_the_same_files() -> None:
    page = (STATIC / "login.html").read_text()
    said = dict(re.findall(r'data-door="(\w+)"[^>]*>([^<]*)<', page))

    assert said == {key: load_words()["door"][key] for key in said}
    assert len(said) == 2


def test_no_word_promises_health() -> None:
    said = json.dumps(load_words()).lower() + (STATIC / "index.html").read_text().lower()
    german = (STATIC / "words.de.json").read_text().lower()

    assert re.findall(r"\b(treat|relie[fv]\w*|cure\w*|heal(s|ing)?|diagnos\w*|therap\w*|pain)\b", said) == []
    assert re.findall(r"heil|linder|schmerz|therap|diagnos|behandl|vorbeug|gesund", german) == []


def _shape(words: object) -> object:
    """Keep the keys, the lengths of lists and the places to fill in; drop the words."""
    if isinstance(words, dict):
        return {key: _shape(value) for key, value in words.items()}
    if isinstance(words, list):
        return [_shape(value) for value in words]
    return sorted(re.findall(r"\{\w+\}", str(words)))


def test_german_says_everything_that_english_says() -> None:
    english, german = (json.loads((STATIC / f"words.{tag}.json").read_text()) for tag in ("en", "de"))

    for part in english.keys() - {"with_side", "unlisted"}:
        assert _shape(german[part]) == _shape(english[part]), part
    assert (german["with_side"], german["unlisted"]) == (english["with_side"], english["unlisted"])


def test_the_words_in_the_page_are_those_of_the_english_file() -> None:
    page = (STATIC / "index.html").read_text()
    said = dict(re.findall(r'data-word="(\w+)"[^>]*>([^<]*)<', page))
    said |= {key: label for label, key in re.findall(r'aria-label="([^"]*)" data-label="(\w+)"', page)}

    assert said == load_words()["page"]


# --- contrast (WCAG 2.2, 1.4.3 and 1.4.11) ----------------------------------------------------------------------------


def _tones() -> dict[str, dict[str, str]]:
    css = (STATIC / "tones.css").read_text()
    light, dark = css.split("@media (prefers-color-scheme: dark)")
    tones = {
        name: dict(re.findall(r"--([\w-]+): (#\w{6});", part)) for name, part in (("light", light), ("dark", dark))
    }
    return {"light": tones["light"], "dark": tones["light"] | tones["dark"]}


def _luminance(tone: str) -> float:
    parts = [int(tone[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    dim, bright = sorted((_luminance(one), _luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


def test_the_measure_of_contrast_is_that_of_wcag() -> None:
    assert _contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert _contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


TEXTS = [
    *product(("ink", "soft", "accent", "warn"), ("card", "ground")),
    ("accent", "accent-wash"),
    ("warn", "warn-wash"),
    ("on-stop", "stop"),
    ("on-alert", "alert"),
]
SHAPES = [("left", "card"), ("right", "card"), ("accent", "card"), ("stop", "ground"), ("warn", "ground")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), [*((*t, 4.5) for t in TEXTS), *((*s, 3.0) for s in SHAPES)])
def test_text_and_shapes_stand_out_from_what_is_behind(scheme: str, front: str, back: str, least: float) -> None:
    tones = _tones()[scheme]

    assert _contrast(tones[front], tones[back]) >= least
