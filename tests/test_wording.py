"""Nothing a person can read claims what a wellness product must not claim (domain facts F.1).

Read are: every string of the programs, the page with all its languages, the documents, and a report as it is made.
A sentence that says what the mat does *not* do may use such a word.
"""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qlmat.core.model import SIDES
from qlmat.records import Aim, Comfort, CourseRecord, Note, Person, SessionRecord, SideSummary
from qlmat.report.page import page

ROOT = Path(__file__).parents[1]
CLAIMS = {
    "treats": r"\btreat(s|ed|ing|ments?)?\b(?! as)",
    "relieves": r"(?<!strain )(?<!strain-)\brelie(f|ves?|ved|ving)\b|\beases? (the |your )?pain",
    "cures or heals": r"\bcur(e|es|ed|ing)\b|\bheal(s|ed|ing)?\b",
    "diagnoses": r"\bdiagnos(e|es|ed|is|ing)\b|\bdiagnostic (of|for|test|tool)\b",
    "therapy": r"(?<!physio)\btherap(y|ies|eutic)\b|\btrigger.?points?\b",
    "prevents": r"\bprevents? (back|pain|injur|strain|problems with)",
    "safe for": r"\bsafe for (you|every|any|people|all|use|your|the back|pregnan|old)"
    r"|\b(completely|perfectly|always) safe\b",
    "proven": r"\b(clinically|medically|scientifically) (proven|tested|shown)|\bmedical.grade\b",
    "normal or abnormal": r"\babnormal|\bnormal (force|pressure|value|range|reading|back|muscle|pace)",
    "a finding": r"\b(is|are|too) tight\b|\bimbalanc|\basymmetr|\bweak side\b|\bmuscle (knot|spasm)",
    "pain": r"\b(less|without|no more|reduces?|removes?|lowers?) (your |the |back )?pain\b"
    r"|\bpain.?free\b|\bpain threshold",
    "improves health": r"\bimproves? (your |the )?(health|posture|back|pain|mobility|condition)",
    "biofeedback": r"\bbiofeedback\b",
    "German": r"\b(heilt|heilung|lindert|linderung|diagnos(en?|tizier\w+)|behandelt|behandlung|therap(ie|ien|iert)|"
    r"schmerzfrei|beugt .* vor|klinisch (erwiesen|geprüft|getestet)|verspannungen? (löst|lösen)|ungefährlich)\b",
}
PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in CLAIMS.items()}
DENIAL = re.compile(
    r"\b(not?|never|nothing|none|neither|nor|without|instead of|don't|doesn't|isn't|cannot|avoid|must not|"
    r"nicht|kein\w*|nie|weder|statt)\b",
    re.IGNORECASE,
)
SENTENCE = re.compile(r"(?<=[.!?:;|])\s+|\n\s*\n|\n\s*[-*|#]")
TEXTS = ("*.md", "docs/**/*.md", "hardware/**/*.md", "systemd/**/*", "qlmat/**/*.json", "qlmat/**/*.html",
         "qlmat/**/*.js", "qlmat/**/*.toml", "firmware/**/*.md", "firmware/boot/*")  # fmt: skip


def claims(text: str) -> list[str]:
    """List what a text claims that it must not, each with the sentence; a denial counts only before the word."""
    found = []
    for sentence in SENTENCE.split(text):
        for name, pattern in PATTERNS.items():
            if any(not DENIAL.search(sentence, 0, match.start()) for match in pattern.finditer(sentence)):
                found.append(f"{name}: {' '.join(sentence.split())[:160]}")
    return found


def strings(path: Path) -> Iterator[str]:
    """Give every string of a program, those in f-strings and docstrings too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def programs() -> list[Path]:
    return sorted([*ROOT.glob("qlmat/**/*.py"), *ROOT.glob("firmware/**/*.py"), *ROOT.glob("hardware/**/*.py")])


def texts() -> list[Path]:
    found = {path for pattern in TEXTS for path in ROOT.glob(pattern) if path.is_file()}
    return sorted(path for path in found if "vendor" not in path.parts and path.suffix not in (".png", ".svg"))


def test_no_string_of_a_program_claims_what_it_must_not() -> None:
    assert len(programs()) > 100
    found = [
        f"{path.relative_to(ROOT)}: {claim}" for path in programs() for text in strings(path) for claim in claims(text)
    ]
    assert found == []


def test_no_document_and_no_page_claims_what_it_must_not() -> None:
    assert {"README.md", "words.en.json"} <= {path.name for path in texts()}
    found = [
        f"{path.relative_to(ROOT)}: {claim}"
        for path in texts()
        for claim in claims(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert found == []


def test_no_report_claims_what_it_must_not() -> None:
    text = re.sub(
        r"<style>.*?</style>|base64,[^\"]*|<[^>]*>", "\n\n", page(_course(), datetime(2026, 3, 9, tzinfo=UTC))
    )
    assert "higher by" in text
    assert claims(text) == []


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("The mat treats back pain.", "treats"),
        ("Treats pain without drugs.", "treats"),
        ("Relieves low back pain in minutes.", "relieves"),
        ("Your QL is tight.", "a finding"),
        ("Imbalance detected between left and right.", "a finding"),
        ("Clinically proven and safe for everybody.", "proven"),
        ("A biofeedback device.", "biofeedback"),
        ("Your pressure is below the normal range.", "normal or abnormal"),
        ("Trigger-point therapy at home.", "therapy"),
        ("Die Matte lindert Rückenschmerzen.", "German"),
    ],
)
def test_a_claim_is_found(sentence: str, name: str) -> None:
    assert any(claim.startswith(name) for claim in claims(f"Some words before. {sentence} Some words after."))


@pytest.mark.parametrize(
    "sentence",
    [
        "It does not treat, relieve, cure or diagnose anything.",
        "Ask a doctor or a physiotherapist first.",
        "A strain relief keeps the cable in place.",
        "An empty cell is treated as absent.",
        "The lock prevents a second start.",
    ],
)
def test_an_honest_sentence_is_left_alone(sentence: str) -> None:
    assert claims(sentence) == []


def _course() -> CourseRecord:
    first = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    aims = tuple(Aim(side, 70.0, 110.0, 130.0, 100.0, 0.2, 90.0) for side in SIDES)
    sides = tuple(SideSummary(side, 90.0, 5, 90, 5, 1, 92, 8, 120, 0.2, 0.01, 18, 4.0, -3.0) for side in SIDES)
    days = [first + timedelta(days=day) for day in range(7)]
    sessions = tuple(
        SessionRecord(day, "p", at, day != 3, at.date(), 200.0, "done", None, "floor", None, aims, sides)
        for day, at in enumerate(days)
    )
    comforts = tuple(
        Comfort(at, side, "floor", "medium", force_n, force_n - 4, force_n + 4, 3)
        for at, force_n in zip(days, (90, 91, 92, 100, 140, 142, 141), strict=True)
        for side in SIDES
    )
    return CourseRecord(Person("p", None, first), sessions, comforts, notes=(Note(first, "First time."),))
