"""Every example in a docstring of the core runs and gives the numbers it shows."""

import ast
import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import qlmat.core

MODULES = sorted(module.name for module in pkgutil.iter_modules(qlmat.core.__path__))


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_hold(name: str) -> None:
    results = doctest.testmod(importlib.import_module(f"qlmat.core.{name}"))
    assert results.failed == 0


def test_every_stage_has_an_example() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    stages = ("ball", "calibration", "contact", "cues", "movement", "pipeline", "plan", "session", "watch")
    without = [
        name
        for name in stages
        if not any(found.examples for found in finder.find(importlib.import_module(f"qlmat.core.{name}")))
    ]
    assert without == []


def _public(path: Path) -> list[str]:
    """Name the functions and classes of a module that do something: values that only hold numbers need no example."""
    found = [node for node in ast.parse(path.read_text(encoding="utf-8")).body if hasattr(node, "name")]
    return [node.name for node in found if not node.name.startswith("_") and not _only_holds(node)]


def _only_holds(node: ast.AST) -> bool:
    frozen = any("frozen=True" in ast.unparse(each) for each in getattr(node, "decorator_list", []))
    return isinstance(node, ast.ClassDef) and frozen


def test_every_public_function_of_cadence_and_contact_has_an_example() -> None:
    folder = Path(qlmat.core.__path__[0])
    paths = [*sorted(folder.glob("movement*.py")), folder / "contact.py", folder / "ball.py"]
    assert len(paths) > 10
    without = []
    for path in paths:
        module = importlib.import_module(f"qlmat.core.{path.stem}")
        if ">>>" in (module.__doc__ or ""):
            continue  # the whole module is one estimator
        without += [
            f"{path.stem}.{name}" for name in _public(path) if ">>>" not in (getattr(module, name).__doc__ or "")
        ]
    assert without == []
