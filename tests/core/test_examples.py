"""Every example in a docstring of the core runs and gives the numbers it shows."""

import doctest
import importlib
import pkgutil

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
