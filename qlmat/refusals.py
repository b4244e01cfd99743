"""Refusals of a configuration in one line: the key, what is wrong, what to write instead, from what pydantic found."""

import difflib
import re
import types
import typing
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from qlmat.wiring import Section

_LETTERS = {"id": "letters, digits, - or _", "name": "small letters, digits or _, a letter first"}  # of the patterns


def first_line(error: ValidationError, document: type[Section]) -> str:
    """Say the key and what to write instead, of the first thing found in a file that should be a `document`."""
    # A misspelt key comes first, because it explains the missing one.
    found = sorted(error.errors(include_url=False), key=lambda each: each["type"] != "extra_forbidden")
    loc = _steps(found[0]["loc"], written=found[0]["type"] == "extra_forbidden")
    key = re.sub(r"\.\[", "[", ".".join(f"[{step}]" if isinstance(step, int) else spelt(step) for step in loc))
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return f"{key}: {_what(found[0], loc, document)}{more}"


def _steps(loc: Sequence[int | str], written: bool) -> list[int | str]:
    """Leave out what pydantic adds to a place for the members of a union; an unknown key is last, `written` so."""
    *way, last = loc
    steps = [step for step in way if isinstance(step, int) or step.isidentifier()]
    return [*steps, last] if written or isinstance(last, int) or last.isidentifier() else steps


def spelt(key: str) -> str:
    """Spell a key or a path as it can be printed."""
    return key if key.isprintable() else repr(key)


def _what(found: Any, loc: list[int | str], document: type[Section]) -> str:
    value, message = found["input"], str(found["msg"])
    match found["type"]:
        case "quantity":
            what = message
        case "extra_forbidden":
            what = _unknown(str(loc[-1]), list(_section_at(loc[:-1], document).model_fields))
        case "missing":
            what = f"is missing: add '{loc[-1]} = ...'"
        case "model_type" | "model_attributes_type":
            what = f"is a section: write [{loc[-1]}] above its keys"
        case "literal_error":
            what = f"cannot be {value!r}: write {found['ctx']['expected']}"
        case "string_pattern_mismatch":
            what = f"cannot be {value!r}: use 1 to 32 {_LETTERS[str(loc[-1])]}"
        case _:
            what = f"cannot be {value!r}: it {message[0].lower()}{message[1:]}".replace("it input should", "it should")
    return what


def _unknown(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    return f"unknown key: did you mean '{near[0]}'?" if near else f"unknown key: known here are {', '.join(known)}"


def _section_at(loc: Sequence[int | str], section: type[Section]) -> type[Section]:
    for step in loc:
        if isinstance(step, str):
            section = _section_in(section.model_fields[step].annotation)
    return section


def _section_in(annotation: Any) -> type[Section]:
    """Find the section in `Section`, `list[Section]` or `list[Section] | None`."""
    while not isinstance(annotation, type) or isinstance(annotation, types.GenericAlias):
        annotation = typing.get_args(annotation)[0]
    return typing.cast(type[Section], annotation)  # every union above names its section first
