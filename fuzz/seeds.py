"""What fuzzing begins with: good inputs written by the program itself, and the small files of `fuzz/corpus`.

The corpus holds what once broke something, and stays small: the tests run all of it on every change.
"""

import json
import sqlite3
import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from qlmat.calibration_file import CalibratedSensor, CalibrationFile
from qlmat.config import sample
from qlmat.core.model import Frame
from qlmat.store.chunks import pack
from qlmat.store.export import document_of
from qlmat.store.people import add_person
from qlmat.store.schema import migrate
from qlmat.wishes import WISHES
from qlmat_firmware.board import BOARD_V1

CORPUS = Path(__file__).parent / "corpus"


def seeds(target: str) -> list[bytes]:
    """Give the inputs to begin with, the corpus of the target excepted."""
    return _MADE[target]()


def corpus(target: str) -> list[Path]:
    """List the files of a target's corpus."""
    folder = CORPUS / target
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _config() -> list[bytes]:
    whole = sample(BOARD_V1)
    parts = whole.split("\n\n")
    return [whole.encode(), *(part.encode() for part in parts[1:]), b'[mat]\nid = "m1"\n[bus]\nrate = "50 Hz"\n']


def _calibration() -> list[bytes]:
    sensors = tuple(
        CalibratedSensor(name=sensor.name, divider_ohm=sensor.divider_ohm, scale_ohm_n=17_000.0, floor_ohm=500.0,
                         exponent=1.0, creep_per_decade=0.03, x_mm=sensor.x_mm, y_mm=sensor.y_mm)
        for sensor in BOARD_V1.sensors
    )  # fmt: skip
    file = CalibrationFile(
        made_at=datetime(2026, 11, 22, tzinfo=UTC), mat="m", method="m", sensors=sensors, remaining={}
    )
    return [json.dumps(file.model_dump(mode="json")).encode()]


def _recording() -> list[bytes]:
    found = []
    for quantity, value in (("n", "12.5"), ("v", "1.25"), ("code", "8000")):
        names = [channel.name for channel in BOARD_V1.channels[: len(BOARD_V1.sensors) if quantity == "n" else None]]
        header = ",".join(["t_s", *(f"{name}_{quantity}" for name in names)])
        rows = [",".join([f"{row / 50:.2f}", *[value] * len(names)]) for row in range(12)]
        found.append("\n".join([header, *rows, ""]).encode())
    return found


def _chunks() -> list[bytes]:
    volts = np.linspace(0.0, 3.3, 6)
    frames = [Frame(10.0 + row / 50, volts + row / 1000, np.full(6, 10.0 + row / 50 - 0.002)) for row in range(20)]
    bare = [Frame(frame.t_s, frame.volts) for frame in frames]
    made = [pack(frames), pack(bare)]
    raw = [b"\x00" + zlib.decompress(each) for each in made]
    many = struct.pack("<2sBBdI", b"Q1", 0, 0, 0.0, 5) + bytes(16)
    return [*raw, b"\x00" + many, *(b"\xff" + each for each in made)]


def _ring() -> list[bytes]:
    records = [json.dumps({"name": "event", "said": "{}", "k": number}).encode() for number in range(1, 4)]
    return [b"\n".join(records), b"=QLMRING1" + struct.pack("<II", 2, zlib.crc32(b"{}")) + b"{}"]


def _person() -> list[bytes]:
    store = sqlite3.connect(":memory:", isolation_level=None)
    migrate(store)
    document = document_of(store, add_person(store, "Anna", datetime(2026, 11, 22, tzinfo=UTC)))
    store.close()
    return [json.dumps(document).encode(), json.dumps(document | {"version": 99}).encode()]


def _commands() -> list[bytes]:
    bodies = {"plan": {"comfortable_n": 80, "side_s": 90}, "live": {"seconds": 5}, "rate": {"live_hz": 5},
              "screening": {"yes": []}, "today": {"new": False}, "person": {"person": "guest"},
              "unlock": {"question": "spine", "clinician": "Dr. A"}, "position": {"position": "floor", "ball": "b"},
              "sides": {"extra_left_s": 30, "text": "t"}, "note": {"text": "n", "side": "left"}}  # fmt: skip
    asked = [f"{name} {json.dumps(bodies.get(name, {}) | {'id': name})}".encode() for name in WISHES]
    moment = b'tare {"at": "2026-11-22T09:30:00Z"}'
    return [*asked, moment, b"!start {}", b"\0".join(asked[:8]), b"start\0stop\0start {}\0stop {}\0identify"]


def _messages() -> list[bytes]:
    pad = {"force_n": 50.0, "cop_mm": [1, 2], "touching": True}
    live = {"t_s": 1.0, "pads": {"left": pad, "right": pad},
            "movement": {"side": "left", "kind": "rocking", "cadence_cpm": 12.0, "cycles": 3},
            "session": {"state": "working", "side": "left"}, "cue": None}  # fmt: skip
    said: dict[str, dict[str, object]] = {
        "live": live, "state": {"t_s": 1.0, "left_force_n": 5.0},
        "status": {"state": "online"}, "health": {"uptime_s": 5},
        "event": {"t_s": 1.0, "name": "marked", "detail": {"x_mm": 1.0}}, "course": {"day": 3, "of": 14},
        "plan": {"zone_n": [50, 80], "too_hard_n": 90, "cap_n": 150, "target_cpm": 12, "good_fast_cpm": 18,
                 "too_fast_cpm": 30, "side_s": 90}, "session/7": {"n": 7, "result": "done"},
    }  # fmt: skip
    each = [f"qlmat/m1/{name} {json.dumps(payload)}".encode() for name, payload in said.items()]
    return [*each, b"\0".join(each), b"!" + each[2]]


def _http() -> list[bytes]:
    head = b"Host: 127.0.0.1:8000\r\n"
    ours = head + b"X-QLMat: 1\r\nSec-Fetch-Site: same-origin\r\nOrigin: http://127.0.0.1:8000\r\n"
    paths = (b"/", b"/static/page.js", b"/events", b"/health", b"/metrics", b"/x", b"/static/%2e%2e/x")
    asked = [b"GET " + path + b" HTTP/1.1\r\n" + head + b"Cookie: qlmat=abc\r\n\r\n" for path in paths]
    body = b'{"password": "a long password"}'
    login = b"POST /api/login HTTP/1.1\r\n" + ours + b"Content-Length: %d\r\n\r\n" % len(body) + body
    parts = b"POST /api/login HTTP/1.1\r\n" + ours + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"pas\r\n0\r\n\r\n'
    command = b"POST /api/mats/m1/cmd/stop HTTP/1.1\r\n" + ours + b"Content-Length: 0\r\n\r\n"
    logout = b"POST /api/logout HTTP/1.1\r\n" + ours + b"Content-Length: 0\r\n\r\n"
    return [*asked, login, parts, command, logout, asked[3] + command]


def _bus() -> list[bytes]:
    script = bytes((number * 7) % 251 for number in range(600))
    return [bytes((mode,)) + rest for mode in (0x00, 0x80, 0xC0) for rest in (bytes(600), script, b"\x01" * 64)]


_MADE = {"config": _config, "calibration": _calibration, "recording": _recording, "chunks": _chunks,
         "ring": _ring, "person": _person, "commands": _commands, "messages": _messages, "http": _http,
         "bus": _bus, "chips": _bus}  # fmt: skip
