"""A recording is read as it is, or refused in one line that says where and what to do."""

import math
from pathlib import Path

import numpy as np
import pytest

from qlmat.core.model import Frame
from qlmat.errors import RecordingError
from qlmat.recorder import RecordingWriter
from qlmat.recording import RecordingSource, read
from qlmat_firmware.board import BOARD_V1

SENSORS = [sensor.name for sensor in BOARD_V1.sensors]


def csv_of(folder: Path, quantity: str, rows: list[list[object]], more: str = "", end: str = "\n") -> Path:
    """Write rows of t_s and six numbers."""
    header = ",".join(["t_s", *(f"{name}_{quantity}" for name in SENSORS)]) + more
    path = folder / "walk.csv"
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + end)
    return path


def rows(stamps: list[float], value: float = 1.0) -> list[list[object]]:
    return [[t_s, *[value] * 6] for t_s in stamps]


def test_newtons_are_read_in_the_order_of_the_board_whatever_the_order_of_the_columns(tmp_path: Path) -> None:
    names = list(reversed(SENSORS))
    path = tmp_path / "walk.csv"
    path.write_text(",".join([*(f"{n}_n" for n in names), "t_s"]) + "\n6,5,4,3,2,1,0.5\n")
    recording = read(path, BOARD_V1)
    assert recording.quantity == "n"
    assert recording.t_s.tolist() == [0.5]
    assert recording.values.tolist() == [[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]


def test_counts_of_an_ads1115_are_125_microvolts_each(tmp_path: Path) -> None:
    recording = read(csv_of(tmp_path, "code", rows([0.0, 0.1], 8000)), BOARD_V1)
    assert recording.quantity == "v"
    assert recording.values[0, :6] == pytest.approx([1.0] * 6)


def test_without_rail_columns_the_nominal_rail_is_taken_and_said(tmp_path: Path) -> None:
    recording = read(csv_of(tmp_path, "v", rows([0.0, 0.1])), BOARD_V1)
    assert recording.values[:, 6:].tolist() == [[3.3, 3.3]] * 2
    assert "no rail columns: 3.3 V taken for the rail" in recording.notes


def test_rail_columns_are_used(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "v", [[0.0, *[1.0] * 6, 3.2, 3.1]], more=",rail_0x48_v,rail_0x49_v")
    recording = read(path, BOARD_V1)
    assert recording.values[0, 6:].tolist() == [3.2, 3.1]
    assert recording.notes == ()


def test_repeated_and_backward_stamps_are_dropped_and_counted(tmp_path: Path) -> None:
    stamps = [0.0, 0.1, 0.1, 0.2, 0.15, 0.3, 0.4, 0.5, 0.6, 0.7]
    recording = read(csv_of(tmp_path, "n", rows(stamps)), BOARD_V1)
    assert recording.t_s.tolist() == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    assert recording.notes[:2] == (
        "1 repeated stamps dropped, the first on line 4",
        "1 backward stamps dropped, the first on line 6",
    )


def test_a_gap_is_counted_and_placed(tmp_path: Path) -> None:
    recording = read(csv_of(tmp_path, "n", rows([0.0, 0.1, 0.2, 4.2, 4.3])), BOARD_V1)
    assert recording.gaps() == [(0.2, 4.2)]
    assert recording.notes == ("1 gaps, the longest 4.00 s at 0.20 s",)


def test_an_empty_cell_is_an_absent_reading(tmp_path: Path) -> None:
    recording = read(csv_of(tmp_path, "n", [[0.0, 1, "", 3, 4, 5, 6], [0.1, 1, 2, 3, 4, 5, 6]]), BOARD_V1)
    assert math.isnan(recording.values[0, 1])
    assert recording.notes == ("1 empty cells: readings absent",)


def test_a_file_from_a_spreadsheet_with_byte_order_mark_and_crlf_is_read(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "n", rows([0.0, 0.1]))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read(path, BOARD_V1).t_s.tolist() == [0.0, 0.1]


def test_a_complete_file_without_a_last_line_end_is_read(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "n", rows([index / 10 for index in range(30)]), end="")
    assert read(path, BOARD_V1).t_s.size == 30


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", r"walk.csv: the file is empty: record again"),
        ("\n\n", r"walk.csv: the file is empty"),
        ("t_s;left_1_n\n0;1\n", r"walk.csv:1: no column t_s .*separate the columns with commas"),
        ("time,left_1_n\n0,1\n", r"walk.csv:1: no column t_s"),
        ("t_s,a,b\n0,1,2\n", r"walk.csv:1: no column of a sensor: write left_1_n"),
        ("t_s,left_1_n,left_2_n\n0,1,2\n", r"no column left_3_n, right_1_n, right_2_n, right_3_n: every sensor"),
        ("t_s,left_1_n,left_2_v\n0,1,2\n", r"walk.csv:1: holds newtons and volts: keep one kind"),
        ("t_s,left_1_n,left_1_n\n0,1,2\n", r"walk.csv:1: column left_1_n stands twice: remove one"),
        ("HEAD\n", r"walk.csv: has a header but no rows"),
        ("HEAD\n0,1,2,3,4,5,6\n0.1,1,2,3\n", r"walk.csv:3: 4 of 7 columns; the line is cut short: delete this line"),
        ("HEAD\n0,1,2,3,4,5,6,7\n", r"walk.csv:2: 8 of 7 columns; the line has too many"),
        ("HEAD\n0,1,two,3,4,5,6\n", r"walk.csv:2: left_2_n 'two' is not a number: leave the cell empty"),
        ("HEAD\n0,1,1_0,3,4,5,6\n", r"walk.csv:2: left_2_n '1_0' is not a"),
        ("HEAD\n0,1,2,3,4,5,6\n\n0.1,1,NaN,3,4,5,6\n", r"walk.csv:4: left_2_n 'NaN' is not a finite number"),
        ("HEAD\n0,1,2,3,4,5,-inf\n", r"walk.csv:2: right_3_n '-inf' is not a finite number"),
        ("HEAD\n,1,2,3,4,5,6\n", r"walk.csv:2: t_s is empty"),
        ("HEAD\n2,1,2,3,4,5,6\n1,1,2,3,4,5,6\n1.5,1,2,3,4,5,6\n", r"walk.csv:3: t_s runs backwards .* split it here"),
    ],
)
def test_a_recording_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path, content: str, said: str) -> None:
    header = ",".join(["t_s", *(f"{name}_n" for name in SENSORS)])
    path = tmp_path / "walk.csv"
    path.write_text(content.replace("HEAD", header))
    with pytest.raises(RecordingError, match=said) as refusal:
        read(path, BOARD_V1)
    assert "\n" not in str(refusal.value)


def test_a_misspelt_column_is_named_beside_the_one_it_resembles(tmp_path: Path) -> None:
    path = tmp_path / "walk.csv"
    path.write_text("t_s,left_1_n,left_2_n,left3_n,right_1_n,right_2_n,right_3_n\n0,1,2,3,4,5,6\n")
    with pytest.raises(RecordingError, match=r"no column left_3_n \(is 'left3_n' meant for left_3_n\?\)"):
        read(path, BOARD_V1)


@pytest.mark.parametrize(("quantity", "value"), [("v", 1650.0), ("code", 40000), ("code", 1.5)])
def test_numbers_no_converter_can_give_are_refused(tmp_path: Path, quantity: str, value: float) -> None:
    with pytest.raises(RecordingError, match=r"walk.csv:2: left_1"):
        read(csv_of(tmp_path, quantity, rows([0.0], value)), BOARD_V1)


@pytest.mark.parametrize("cut", range(1, 60))
def test_a_file_cut_anywhere_in_its_last_line_is_refused_unless_the_line_is_whole(tmp_path: Path, cut: int) -> None:
    path = csv_of(tmp_path, "n", rows([index / 10 for index in range(30)], value=1.2345))
    whole = path.read_text()
    last_line = whole.rstrip("\n").rsplit("\n", 1)[1]
    path.write_text(whole[:-cut])
    if cut in (1, len(last_line) + 1, len(last_line) + 2):  # only line ends are gone, or the line with all of it
        assert read(path, BOARD_V1).t_s.size in (29, 30)
    else:
        with pytest.raises(RecordingError, match=r"cut short|inside its last number|t_s is empty"):
            read(path, BOARD_V1)


def test_a_missing_file_and_binary_rubbish_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"none.csv: cannot be read \(no such file or directory\): check the path"):
        read(tmp_path / "none.csv", BOARD_V1)
    (tmp_path / "mat.npz").write_bytes(b"PK\x03\x04\xff\xfe\x00")
    with pytest.raises(RecordingError, match=r"mat.npz: byte 4 is no text"):
        read(tmp_path / "mat.npz", BOARD_V1)


def test_what_is_written_is_read_back_bit_for_bit(tmp_path: Path) -> None:
    random = np.random.default_rng(20261122)  # any numbers with many digits will do
    frames = [Frame(0.1 + index / 3, random.uniform(0.0, 3.3, 8)) for index in range(5)]
    frames[2].volts[3] = math.nan
    writer = RecordingWriter(tmp_path / "out.csv", BOARD_V1)
    for frame in frames:
        writer.write(frame)
    assert not (tmp_path / "out.csv").exists(), "nothing may appear before it is whole"
    writer.close()
    source = RecordingSource(read(tmp_path / "out.csv", BOARD_V1))
    for frame in frames:
        again = source.read()
        assert again is not None
        assert again.t_s == frame.t_s
        assert np.array_equal(again.volts, frame.volts, equal_nan=True)
    assert source.read() is None
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_a_file_that_exists_is_kept_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("precious")
    with pytest.raises(RecordingError, match=r"exists already: choose another name, or add --force"):
        RecordingWriter(path, BOARD_V1)
    assert path.read_text() == "precious"
    writer = RecordingWriter(path, BOARD_V1, force=True)
    writer.write(Frame(0.0, np.zeros(8)))
    assert path.read_text() == "precious"
    writer.close()
    assert path.read_text().startswith("t_s,left_1_v,")


def test_a_folder_that_does_not_exist_is_refused_before_anything_is_recorded(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"cannot be written \(no such file or directory\): check the folder"):
        RecordingWriter(tmp_path / "none" / "out.csv", BOARD_V1)


def test_a_recording_without_a_frame_is_no_file(tmp_path: Path) -> None:
    RecordingWriter(tmp_path / "out.csv", BOARD_V1).close()
    assert list(tmp_path.iterdir()) == []


def test_a_discarded_recording_leaves_nothing(tmp_path: Path) -> None:
    RecordingWriter(tmp_path / "out.csv", BOARD_V1).discard()
    assert list(tmp_path.iterdir()) == []
