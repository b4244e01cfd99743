"""The files of the page, read once at start; nothing else on the disk can be asked for."""

import gzip
import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from qlmat.core.positions import STANCES
from qlmat.core.screening import ADVICE, DAILY_TEXT, INTRODUCTION, QUESTIONS
from qlmat.wishes import WISHES

STATIC = Path(__file__).parent / "static"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: as it is, compressed, its media type and a tag that changes with its content."""

    body: bytes
    compressed: bytes
    media_type: str
    tag: str


def load_assets(folder: Path = STATIC) -> dict[str, Asset]:
    """Read every file of the page, by its name; `built` holds what the build fetched and compressed, if it did."""
    built = folder / "built"
    paths = [*folder.iterdir(), *(built.iterdir() if built.is_dir() else ())]
    read = {path.name: _asset(path, built) for path in sorted(paths) if path.suffix in TYPES}
    return read | {"practice.en.json": _written(practice_words()), "fields.json": _written(fields())}


def fields() -> dict[str, dict[str, object]]:
    """Say what each number of a command may be, from the table of wishes, for the forms of the page."""
    return {
        wish.name: {
            field.key: {"unit": field.unit, "min": field.low, "max": field.high, "step": field.step}
            for field in wish.fields
            if field.low is not None
        }
        for wish in WISHES.values()
        if any(field.low is not None for field in wish.fields)
    }


def practice_words() -> dict[str, object]:
    """Say what is asked before a session and what a position asks, in the core's own words, for the page."""
    words = ("name", "load", "rock", "bend", "care")
    return {
        "introduction": INTRODUCTION,
        "questions": {each.key: each.text for each in QUESTIONS},
        "unlockable": [each.key for each in QUESTIONS if each.unlockable],
        "urgent": [each.key for each in QUESTIONS if each.urgency == "urgent"],
        "daily": DAILY_TEXT,
        "advice": dict(ADVICE),
        "positions": {name: {word: asdict(stance)[word] for word in words} for name, stance in STANCES.items()},
    }


def _asset(path: Path, built: Path) -> Asset:
    body = path.read_bytes()
    tag = hashlib.sha256(body).hexdigest()[:16]
    ready = built / f"{path.name}.{tag}.gz"  # absent for a file that was edited after the build
    compressed = ready.read_bytes() if ready.exists() else gzip.compress(body, 9, mtime=0)
    return _made(body, compressed, path.suffix)


def _written(content: object) -> Asset:
    body = json.dumps(content, ensure_ascii=False).encode()
    return _made(body, gzip.compress(body, 9, mtime=0), ".json")


def _made(body: bytes, compressed: bytes, suffix: str) -> Asset:
    return Asset(body, compressed, TYPES[suffix], f'"{hashlib.sha256(body).hexdigest()[:16]}"')
