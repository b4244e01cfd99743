"""The words people read, from the same file that the page reads: `static/words.en.json`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "static" / "words.en.json"


def load_words() -> dict[str, Any]:
    """Read the table of words."""
    return dict(json.loads(FILE.read_text(encoding="utf-8")))


def plain(name: str) -> str:
    """Make words of a name that the table does not know.

    >>> plain("side_done_early")
    'Side done early'
    """
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def event_words(words: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    """Say what happened, with its side and reason where they matter.

    >>> event_words(load_words(), {"name": "side_done", "side": "left", "detail": {}})
    'Side done, left'
    >>> event_words(load_words(), {"name": "lead", "side": "left", "detail": {"say": "up a little"}})
    'Move the ball towards your spot: up a little'
    """
    detail = event.get("detail", {})
    said = str(words["events"].get(event["name"], plain(event["name"])))
    if event.get("side") and event["name"] in words["with_side"]:
        said += f", {words['sides'][event['side']]}"
    reason = detail.get("say") if event["name"] == "lead" else detail.get("reason")
    return f"{said}: {reason}" if isinstance(reason, str) else said
