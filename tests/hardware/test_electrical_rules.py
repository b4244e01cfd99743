"""The electrical rules of the schematic: by pin kinds in every run, by KiCad itself where it is installed."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from hardware.kicad_sheet import reference
from hardware.schematic import FOLDER
from hardware.tables import nets
from tests.hardware.sheet import all_of, drawn_nets, parse, place, property_of, schematic

Pin = tuple[str, str]
KINDS = {"bidirectional", "input", "passive", "power_in", "power_out"}
GRID_MM = 1.27


def kinds() -> dict[Pin, str]:
    """Give the electrical kind of every (part, pin number)."""
    sheet = schematic()
    of_symbol = {
        symbol[1]: {
            all_of(pin, "number")[0][1]: pin[1] for body in all_of(symbol, "symbol") for pin in all_of(body, "pin")
        }
        for symbol in all_of(all_of(sheet, "lib_symbols")[0], "symbol")
    }
    found = {}
    for symbol in all_of(sheet, "symbol"):
        for number, kind in of_symbol[all_of(symbol, "lib_id")[0][1]].items():
            found[property_of(symbol, "Reference"), number] = kind
    return found


PARTS = {pin: kind for pin, kind in kinds().items() if not pin[0].startswith("#")}


def test_every_pin_is_of_a_kind_these_rules_know() -> None:
    assert set(PARTS.values()) <= KINDS


def test_every_pin_is_on_a_net_with_another_pin() -> None:
    drawn = drawn_nets()
    alone = [name for name, pins in drawn.items() if len(pins) < 2]
    assert alone == []
    assert {pin for pins in drawn.values() for pin in pins} == set(PARTS)


@pytest.mark.parametrize("name", sorted(drawn_nets()))
def test_a_net_has_one_source_of_power_at_most_and_whatever_it_needs(name: str) -> None:
    on_it = [PARTS[pin] for pin in drawn_nets()[name]]
    assert on_it.count("power_out") <= 1
    if "power_in" in on_it:
        assert "power_out" in on_it
    if "input" in on_it:
        assert set(on_it) & {"passive", "bidirectional", "power_out"}


def test_every_reference_is_used_once() -> None:
    references = [property_of(symbol, "Reference") for symbol in all_of(schematic(), "symbol")]
    assert sorted(references) == sorted(set(references))


def test_everything_stands_on_the_grid() -> None:
    sheet = schematic()
    spots = [place(each) for kind in ("symbol", "label", "global_label", "junction") for each in all_of(sheet, kind)]
    off = [spot for spot in spots if any(abs(mm / GRID_MM - round(mm / GRID_MM)) > 1e-6 for mm in spot)]
    assert off == []


def checker() -> str | None:
    """Find a KiCad that checks from the command line: 8 or later."""
    path = shutil.which("kicad-cli")
    if path is None:
        return None
    version = subprocess.run([path, "version"], capture_output=True, text=True, check=False).stdout
    return path if version.split(".")[0].isdigit() and int(version.split(".")[0]) >= 8 else None


needs_kicad = pytest.mark.skipif(checker() is None, reason="no kicad-cli 8 or later here: Debian has it from trixie on")


def ask_kicad(*words: str) -> None:
    subprocess.run([checker() or "", "sch", *words, str(FOLDER / "qlmat.kicad_sch")], check=True, capture_output=True)


@needs_kicad
def test_kicads_own_checker_finds_nothing(tmp_path: Path) -> None:
    report = tmp_path / "erc.json"
    ask_kicad("erc", "--format", "json", "-o", str(report))
    found = json.loads(report.read_text())
    assert [violation["description"] for sheet in found["sheets"] for violation in sheet["violations"]] == []


@needs_kicad
def test_kicad_reads_the_netlist_out_of_the_schematic(tmp_path: Path) -> None:
    exported = tmp_path / "qlmat.net"
    ask_kicad("export", "netlist", "--format", "kicadsexpr", "-o", str(exported))
    read = {
        all_of(net, "name")[0][1].lstrip("/"): {
            (all_of(node, "ref")[0][1], all_of(node, "pin")[0][1]) for node in all_of(net, "node")
        }
        for net in all_of(all_of(parse(exported.read_text()), "nets")[0], "net")
    }
    assert read == {net: {(reference(part), pin) for part, pin in pins} for net, pins in nets().items()}
