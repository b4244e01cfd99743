"""The short pass of `make fuzz`: what once broke something, every seed, and some hundred mutations of them."""

import functools
import time
import warnings

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz.__main__ import Figures, table
from fuzz.seeds import corpus, seeds
from fuzz.target import Target
from fuzz.targets import TARGETS

HANG_S = 1.0  # of the processor
MUTATIONS = 60  # of a target
CORPUS_BYTES = 64 * 1024


@functools.cache
def made(name: str) -> Target:
    """Make a target once for all tests; some build a whole server."""
    return TARGETS[name]()


@st.composite
def mutated(draw: st.DrawFn, name: str) -> bytes:
    """Take a seed, and replace a few of its pieces by other bytes, by nothing or by a piece of another seed."""
    whole = draw(st.sampled_from(seeds(name)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(whole)))
        end = draw(st.integers(at, min(len(whole), at + 16)))
        other = draw(st.sampled_from(seeds(name)))
        start = draw(st.integers(0, len(other)))
        piece = draw(st.one_of(st.binary(max_size=12), st.just(other[start : start + 40])))
        whole = whole[:at] + piece + whole[end:]
    return whole


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the servers in memory live until the process ends
def test_nothing_read_breaks_what_reads_it(name: str) -> None:
    @settings(max_examples=MUTATIONS, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(data=mutated(name))
    def mutations(data: bytes) -> None:
        began_s = time.process_time()
        made(name)(data)
        assert time.process_time() - began_s < HANG_S

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for data in seeds(name):
            made(name)(data)
        mutations()


@pytest.mark.parametrize(("name", "file"), [(name, file.name) for name in TARGETS for file in corpus(name)], ids=str)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_what_once_broke_something_does_so_no_more(name: str, file: str) -> None:
    (path,) = (path for path in corpus(name) if path.name == file)
    made(name)(path.read_bytes())


def test_the_corpus_stays_small() -> None:
    assert sum(path.stat().st_size for name in TARGETS for path in corpus(name)) < CORPUS_BYTES


def test_the_figures_fit_a_terminal_and_say_what_was_found() -> None:
    figures = [Figures("config", executions=1_000_000, seconds=10.0), Figures("http", crashes=1, said="Error: x")]
    told = table(figures)
    assert "100,000" in told
    assert "http: Error: x" in told
    assert max(map(len, told.splitlines())) <= 80
