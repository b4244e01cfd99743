"""What is kept on disk survives whatever ends the process, and its bounds hold."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from qlmat.errors import StoreError
from qlmat.keeper import Keeper
from qlmat.mqtt import MqttSink
from qlmat.ring import MAGIC, Ring
from tests.shell.brokers import PATIENCE_S, Mosquitto, Watcher, wait_until
from tests.shell.ticks import frame, happening

Open = Callable[..., Any]


def numbers(ring: Ring) -> list[int]:
    """List the numbers of what has not been sent."""
    return [record["k"] for record in ring.unsent]


def peek(folder: Path, **bounds: int) -> Ring:
    """Open a ring, look and close."""
    ring = Ring(folder, **bounds)
    ring.close()
    return ring


def filled(folder: Path, count: int, **bounds: int) -> Ring:
    """Write so many records and close."""
    ring = Ring(folder, **bounds)
    for n in range(count):
        ring.append({"n": n})
    ring.close()
    return ring


def newest(folder: Path) -> Path:
    """Find the segment that was written last."""
    return max(path for path in folder.glob("*.ring") if path.stat().st_size > len(MAGIC))


def test_records_come_back_in_order_with_their_numbers(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    ring = Ring(tmp_path)
    assert [(record["k"], record["n"]) for record in ring.unsent] == [(1, 0), (2, 1), (3, 2)]
    assert ring.append({"n": 3}) == 4
    ring.close()


def test_what_was_confirmed_does_not_come_again_and_numbers_go_on(tmp_path: Path) -> None:
    ring = filled(tmp_path, 5)
    ring.confirm(3)
    ring.sync()
    again = peek(tmp_path)
    assert (numbers(again), again.number) == ([4, 5], 5)


@pytest.mark.parametrize("cut", range(1, 30))
def test_a_torn_tail_loses_the_last_record_alone_wherever_it_tears(tmp_path: Path, cut: int) -> None:
    filled(tmp_path, 3)
    path = newest(tmp_path)
    last = 8 + len(json.dumps({"n": 2, "k": 3}, separators=(",", ":")))
    path.write_bytes(path.read_bytes()[: -min(cut, last - 1)])
    ring = Ring(tmp_path)
    assert (numbers(ring), ring.torn) == ([1, 2], 1)
    assert ring.append({}) == 3
    ring.close()


@pytest.mark.parametrize("at", range(8, 60, 3))
def test_a_flipped_bit_never_gives_a_wrong_record(tmp_path: Path, at: int) -> None:
    filled(tmp_path, 3)
    path = newest(tmp_path)
    content = bytearray(path.read_bytes())
    content[at] ^= 0x10
    path.write_bytes(bytes(content))
    ring = peek(tmp_path)
    assert ring.torn == 1
    assert [(record["k"], record["n"]) for record in ring.unsent] == [(1, 0), (2, 1)][: len(ring.unsent)]
    assert len(ring.unsent) < 3


def test_a_foreign_file_is_left_out(tmp_path: Path) -> None:
    filled(tmp_path, 2)
    (tmp_path / "events-000000.ring").write_bytes(b"\xff" * 100)
    assert numbers(peek(tmp_path)) == [1, 2]


def test_the_ring_stays_within_its_bounds_and_the_oldest_go_first(tmp_path: Path) -> None:
    filled(tmp_path, 1000, segment_bytes=500, segments=4)
    ring = peek(tmp_path, segment_bytes=500, segments=4)
    assert sum(path.stat().st_size for path in tmp_path.glob("*.ring")) <= 4 * 500
    kept = numbers(ring)
    assert kept == list(range(1001 - len(kept), 1001)), "the newest, without a gap"
    assert len(kept) > 30


def test_many_starts_without_events_leave_no_files_behind(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    for _ in range(50):
        Ring(tmp_path).close()
    assert len(list(tmp_path.glob("*.ring"))) == 2
    assert numbers(peek(tmp_path)) == [1]


def test_many_starts_with_an_event_each_lose_none(tmp_path: Path) -> None:
    for _ in range(40):
        filled(tmp_path, 1)
    assert numbers(peek(tmp_path)) == list(range(1, 41))


def test_what_was_sent_does_not_pile_up_over_many_starts_and_numbers_go_on(tmp_path: Path) -> None:
    for start in range(30):
        ring = Ring(tmp_path)
        ring.confirm(ring.append({"n": start}))
        ring.close()
    assert len(list(tmp_path.glob("*.ring"))) <= 3
    ring = peek(tmp_path)
    assert (ring.number, ring.last["n"], ring.unsent) == (30, 29, [])


class Full:
    """A file on a disk on which so many more bytes have room."""

    def __init__(self, file: BinaryIO, room: int) -> None:
        self._file, self._room = file, room

    def write(self, content: bytes) -> int:
        """Write what there is room for."""
        if not self._room:
            raise OSError(28, "No space left on device")
        part = content[: self._room]
        self._room -= len(part)
        return self._file.write(part)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@pytest.mark.parametrize("room", [0, 1, 5, 8, 9, 30, 60, 90])
def test_a_disk_that_fills_up_in_the_middle_of_a_record_costs_that_record_alone(tmp_path: Path, room: int) -> None:
    ring, kept = Ring(tmp_path), []
    ring._file = Full(ring._file, room)  # type: ignore[assignment,arg-type]  # a double
    for n in range(1, 7):
        try:
            kept.append(ring.append({"n": n}))
        except StoreError as error:
            assert "No space left" in str(error)
    ring.close()
    assert len(kept) == 5
    assert numbers(peek(tmp_path)) == kept


def test_a_disk_without_room_for_a_segment_is_tried_again_at_the_next_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = Ring(tmp_path)
    ring.append({"n": 1})
    ring._let_go()
    with monkeypatch.context() as full:
        full.setattr("qlmat.ring._write", lambda file, content: _fail())
        for _ in range(3):
            with pytest.raises(StoreError, match="No space left"):
                ring.append({})
    assert ring.append({"n": 5}) == 5
    ring.close()
    assert numbers(peek(tmp_path)) == [1, 5]


def _fail() -> None:
    raise OSError(28, "No space left on device")


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="events cannot be kept there"):
        Ring(tmp_path / "file")


def test_a_keeper_forgets_only_what_lies_below_everything_unconfirmed(tmp_path: Path) -> None:
    keeper = Keeper(Ring(tmp_path))
    assert [keeper.keep({}) for _ in range(4)] == [1, 2, 3, 4]
    for number in (1, 2, 4):  # 3 was sent, too, and is not confirmed yet
        keeper.confirm(number)
    keeper.close()
    assert numbers(peek(tmp_path)) == [3, 4]


WRITER = """
import sys
from pathlib import Path
from qlmat.keeper import Keeper
from qlmat.ring import Ring
keeper = Keeper(Ring(Path(sys.argv[1])))
while True:
    number = keeper.keep({"n": 1})
    if number % 50 == 0:
        print(number, flush=True)
        sys.stdin.readline()
"""


def test_a_killed_process_leaves_every_record_it_had_written(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    for _ in range(3):
        said = int(process.stdout.readline())
        process.stdin.write("\n")
        process.stdin.flush()
    whole = sum(8 + len(json.dumps({"n": 1, "k": k}, separators=(",", ":"))) for k in range(1, said + 1))
    wait_until(lambda: sum(path.stat().st_size for path in tmp_path.glob("*.ring")) >= len(MAGIC) + whole)
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE_S)
    process.stdin.close()
    process.stdout.close()
    ring = peek(tmp_path)
    assert numbers(ring)[:said] == list(range(1, said + 1))


# --- on a broker ------------------------------------------------------------------------------------------------------


@pytest.fixture
def keeper(tmp_path: Path) -> Callable[[], Keeper]:
    """Open the same ring again and again."""
    return lambda: Keeper(Ring(tmp_path / "ring"))


def test_events_of_a_run_without_a_broker_arrive_in_the_next_run_with_their_numbers_and_times(
    mosquitto: Mosquitto, watch: Open, mat: Open, keeper: Callable[[], Keeper]
) -> None:
    away: MqttSink = mat(1, keeper=keeper())  # nobody listens there
    for n in range(3):
        away.put(happening(n / 100, f"event_{n}"), frame())
    away.close()
    watcher: Watcher = watch(mosquitto.port)
    sink: MqttSink = mat(mosquitto.port, keeper=keeper())
    sink.put(happening(9.0, "event_3"), frame())
    events = [json.loads(watcher.on("qlmat/m1/event")) for _ in range(4)]
    assert [(event["n"], event["name"]) for event in events] == [(n + 1, f"event_{n}") for n in range(4)]
    assert [event["boot"] for event in events] == [away.boot] * 3 + [sink.boot]
    assert [event["t_s"] for event in events] == [0.0, 0.01, 0.02, 9.0]
    assert sorted(event["time"] for event in events) == [event["time"] for event in events]


def test_what_the_broker_has_is_not_sent_again_by_the_next_run(
    mosquitto: Mosquitto, watch: Open, mat: Open, keeper: Callable[[], Keeper], tmp_path: Path
) -> None:
    watcher: Watcher = watch(mosquitto.port)
    first: MqttSink = mat(mosquitto.port, keeper=keeper())
    first.put(happening(0.0, "once"), frame())
    watcher.on("qlmat/m1/event")
    first.close()
    assert peek(tmp_path / "ring").unsent == []
    second: MqttSink = mat(mosquitto.port, keeper=keeper())
    second.put(happening(0.0, "again"), frame())
    event = json.loads(watcher.on("qlmat/m1/event"))
    assert (event["n"], event["name"]) == (2, "again")


def test_a_replay_after_an_outage_is_paced_and_complete(
    mosquitto: Mosquitto, watch: Open, mat: Open, closing: ExitStack, keeper: Callable[[], Keeper]
) -> None:
    away: MqttSink = mat(1, keeper=keeper())
    for n in range(400):
        away.put(happening(n / 100), frame())
    away.close()
    watcher: Watcher = watch(mosquitto.port, topic="qlmat/m1/event")
    mat(mosquitto.port, keeper=keeper())
    arrived_s, seen = [], []
    for _ in range(400):
        seen.append(json.loads(watcher.on("qlmat/m1/event"))["n"])
        arrived_s.append(time.monotonic())
    assert seen == list(range(1, 401))
    assert 399 / (arrived_s[-1] - arrived_s[0]) <= 205.0
