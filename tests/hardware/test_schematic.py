"""The KiCad schematic, followed wire by wire, connects what the netlist connects."""

from hardware.kicad_sheet import reference
from hardware.schematic import FOLDER, files
from hardware.tables import nets, value_of
from tests.hardware.sheet import all_of, drawn_nets, property_of, schematic


def test_the_schematic_connects_what_the_netlist_connects() -> None:
    stated = {net: {(reference(part), pin) for part, pin in pins} for net, pins in nets().items()}
    assert drawn_nets() == stated


def test_the_schematic_shows_the_values_of_the_bill_of_materials() -> None:
    for symbol in all_of(schematic(), "symbol"):
        ref = property_of(symbol, "Reference")
        if not ref.startswith("#"):
            assert property_of(symbol, "Value") == value_of("PI" if ref == "PI1" else ref)


def test_the_committed_files_are_the_ones_the_script_writes() -> None:
    stale = [name for name, content in files().items() if (FOLDER / name).read_text() != content]
    assert stale == [], "run 'python -m hardware.schematic'"
