"""Raw frames survive their compression exactly, and a damaged chunk is refused, never a crash."""

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qlmat.core.model import Frame
from qlmat.errors import StoreError
from qlmat.store.chunks import BEFORE_S, STAMP_S, VOLTS_A_COUNT, merge, pack, unpack

COUNTS = st.integers(-32767, 32767) | st.none()


@given(
    st.lists(st.tuples(st.floats(0.001, 2.0), st.lists(COUNTS, min_size=3, max_size=3)), min_size=1, max_size=30),
    st.floats(0.0, 1e6),
)
def test_what_was_packed_comes_back(rows: list[tuple[float, list[int | None]]], first_s: float) -> None:
    t_s, frames = first_s, []
    for step_s, counts in rows:
        t_s += step_s
        volts = np.array([np.nan if count is None else count * VOLTS_A_COUNT for count in counts])
        frames.append(Frame(t_s, volts))
    back = unpack(pack(frames))
    assert [frame.t_s for frame in back] == pytest.approx([frame.t_s for frame in frames], abs=STAMP_S, rel=1e-12)
    for ours, theirs in zip(back, frames, strict=True):
        np.testing.assert_array_equal(ours.volts, theirs.volts)


def test_the_middles_of_the_conversions_come_back_to_ten_microseconds() -> None:
    middles_s = [np.array([9.990, 9.995, np.nan]), np.array([10.010, 10.015, 10.019])]
    frames = [Frame(10.0 + n / 50, np.zeros(3), middle_s) for n, middle_s in enumerate(middles_s)]
    for ours, theirs in zip(unpack(pack(frames)), middles_s, strict=True):
        assert ours.sample_t_s is not None
        np.testing.assert_allclose(ours.sample_t_s, theirs, atol=BEFORE_S)


def test_merged_chunks_hold_the_frames_of_all() -> None:
    parts = [[Frame(10.0 * part + n / 10, np.full(2, 0.5)) for n in range(100)] for part in range(3)]
    merged = unpack(merge([pack(part) for part in parts]))
    assert [frame.t_s for frame in merged] == pytest.approx([frame.t_s for part in parts for frame in part])


@given(st.binary(max_size=200))
def test_bytes_that_are_no_chunk_are_refused(content: bytes) -> None:
    for each in (content, zlib.compress(content), zlib.compress(b"Q1" + content)):
        try:
            unpack(each)
        except StoreError:
            continue
        assert len(content) >= 17  # only a whole head can be a chunk


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_a_flipped_bit_is_noticed_or_changes_nothing(place: int, bit: int) -> None:
    lived = [Frame(n / 50, np.full(4, n / 1000)) for n in range(200)]
    content = bytearray(pack(lived))
    content[place % len(content)] ^= 1 << bit
    try:
        back = unpack(bytes(content))
    except StoreError:
        return
    np.testing.assert_allclose([scan.volts for scan in back], [scan.volts for scan in lived], atol=VOLTS_A_COUNT)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(StoreError):
        unpack(zlib.compress(b"Q1" + bytes(1 << 26)))


def test_a_chunk_of_more_frames_than_a_minute_can_hold_is_refused_before_they_are_made() -> None:
    frames = 600_000
    head = struct.pack("<2sBBdI", b"Q1", 1, 0, 0.0, frames)
    with pytest.raises(StoreError):
        unpack(zlib.compress(head + bytes(4 * (frames - 1) + 2 * frames)))  # 4 kB that would take 150 MB
