"""Hooks of the documentation site: entries of the navigation whose page is not written yet are left out."""

from pathlib import Path
from typing import Any


def on_config(config: Any) -> Any:
    """Take the missing pages out of the navigation before it is built."""
    config["nav"] = _there(config["nav"], Path(config["docs_dir"]))
    return config


def _there(entries: list[Any], folder: Path) -> list[Any]:
    kept = []
    for entry in entries:
        ((title, target),) = entry.items()
        if isinstance(target, list):
            kept.append({title: _there(target, folder)})
        elif (folder / target).exists():
            kept.append(entry)
    return kept
