"""The two tables everything else in this folder is drawn from: `netlist.csv` and `bom.csv`."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
DOCS = FOLDER.parent / "docs" / "drawings"  # the site shows the same drawings; a site holds no files from outside
POWER = ("3V3", "5V", "GND")
# Where each net that leaves the Pi sits on its 40-pin header (Raspberry Pi documentation).
HEADER = {"3V3": 1, "5V": 2, "GND": 6, "GPIO2": 3, "GPIO3": 5, "GPIO13": 33, "GPIO17": 11, "GPIO18": 12, "GPIO24": 18}


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the bill of materials."""

    refs: tuple[str, ...]
    part: str
    value: str
    number: str


def pins() -> dict[tuple[str, str], str]:
    """Give the net of each (part, pin), in the order of the netlist."""
    with (FOLDER / "netlist.csv").open(newline="") as file:
        return {(row["part"], row["pin"]): row["net"] for row in csv.DictReader(file)}


def nets() -> dict[str, list[tuple[str, str]]]:
    """Give the (part, pin) pairs on each net."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for pin, net in pins().items():
        found[net].append(pin)
    return dict(found)


def pins_of(part: str) -> dict[str, str]:
    """Give the net of each pin of a part."""
    return {pin: net for (name, pin), net in pins().items() if name == part}


def items() -> list[Item]:
    """Read the bill of materials."""
    with (FOLDER / "bom.csv").open(newline="") as file:
        return [
            Item(tuple(row["refs"].split()), row["part"], row["value"], row["number"]) for row in csv.DictReader(file)
        ]


def value_of(ref: str) -> str:
    """Give a part's value, or what it is where it has none."""
    item = next(item for item in items() if ref in item.refs)
    return item.value or item.part


def write(files: dict[str, str]) -> None:
    """Write files of this folder; drawings for the site as well."""
    for name, content in files.items():
        (FOLDER / name).write_text(content)
        if name.endswith(".svg"):
            (DOCS / name).write_text(content)
