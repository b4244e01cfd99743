"""Every example in a docstring of the store runs and gives the numbers it shows."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["hopper", "summary", "tally"])
def test_the_examples_in_the_docstrings_hold(name: str) -> None:
    results = doctest.testmod(importlib.import_module(f"qlmat.store.{name}"))
    assert results.attempted > 0
    assert results.failed == 0
