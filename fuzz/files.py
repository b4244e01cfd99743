"""What is read from files: configurations, calibrations, recordings, stored chunks, the ring, exports of a person."""

import atexit
import json
import math
import shutil
import sqlite3
import tempfile
import zlib
from pathlib import Path

import numpy as np

from fuzz.target import Target
from qlmat.calibration_file import _sum, read_calibration
from qlmat.config import load
from qlmat.core.calibration import nominal_calibration
from qlmat.core.model import Frame
from qlmat.core.pipeline import Pipeline
from qlmat.core.plan import Plan
from qlmat.errors import ConfigError, QlmatError, RecordingError, StoreError
from qlmat.recording import Recording, RecordingSource, read
from qlmat.ring import HEAD, MAGIC, Ring
from qlmat.store.chunks import merge, unpack
from qlmat.store.export import read_document
from qlmat.store.schema import migrate
from qlmat_firmware.board import BOARD_V1

ROWS = 40  # of a recording, through the whole pipeline: enough for contact and movement to begin


def _folder() -> Path:
    """Make a folder that goes with the process; under libFuzzer, which ends it hard, the campaign removes it."""
    folder = Path(tempfile.mkdtemp(prefix="qlmat-fuzz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _refused(error: QlmatError) -> None:
    """Check a refusal: one line that says something."""
    text = str(error)
    assert text.strip(), "a refusal without a word"
    assert "\n" not in text, f"a refusal of several lines: {text!r}"


def config() -> Target:
    """Read any bytes as a configuration."""
    path = _folder() / "qlmat.toml"

    def run(data: bytes) -> None:
        path.write_bytes(data)
        try:
            load(path, BOARD_V1)
        except ConfigError as error:
            _refused(error)

    return run


def calibration() -> Target:
    """Read any bytes as a calibration file; what is JSON gets a right checksum, else nothing would come behind it."""
    path = _folder() / "calibration.json"

    def run(data: bytes) -> None:
        path.write_bytes(_signed(data))
        try:
            _, curves = read_calibration(path).applied(BOARD_V1)
        except ConfigError as error:
            _refused(error)
            return
        assert all(math.isfinite(curve.scale_ohm_n) and curve.scale_ohm_n > 0.0 for curve in curves.curves)

    return run


def _signed(data: bytes) -> bytes:
    try:
        body = json.loads(data)
        if isinstance(body, dict):
            body.pop("sha256", None)
            return json.dumps(body | {"sha256": _sum(body)}).encode()
    except (ValueError, RecursionError):
        pass
    return data


def recording() -> Target:
    """Read any bytes as a recording, and take what was read through the whole pipeline."""
    path = _folder() / "recording.csv"
    curves = nominal_calibration(BOARD_V1)

    def run(data: bytes) -> None:
        path.write_bytes(data)
        try:
            found = read(path, BOARD_V1)
        except RecordingError as error:
            _refused(error)
            return
        assert np.all(np.diff(found.t_s) > 0.0)
        found.gaps()
        _replay(found, Pipeline(BOARD_V1, curves, Plan()))

    return run


def _replay(found: Recording, mat: Pipeline) -> None:
    if found.quantity == "n":
        ticks = [mat.push_forces(forces) for forces, _ in zip(found.forces(), range(ROWS), strict=False)]
    else:
        source = RecordingSource(found)
        ticks = [mat.push(frame) for _ in range(ROWS) if (frame := source.read()) is not None]
    for tick in ticks:
        for contact in (tick.contacts.left, tick.contacts.right):
            assert contact.force_n is None or math.isfinite(contact.force_n), "a force that is no number"


def chunks() -> Target:
    """Unpack any bytes as a chunk; the second way compresses them first, else zlib's checksum would keep all out."""

    def run(data: bytes) -> None:
        content = zlib.compress(data[1:], 1) if data[:1] < b"\x80" else data[1:]
        try:
            frames = unpack(content)
        except StoreError as error:
            _refused(error)
            return
        assert len(frames) <= len(data) * 1000
        again = unpack(merge([content]))
        assert len(again) == len(frames)
        assert all(_alike(one, other) for one, other in zip(frames, again, strict=True))

    return run


def _alike(one: Frame, other: Frame) -> bool:
    return bool(np.array_equal(one.volts, other.volts, equal_nan=True))


def ring() -> Target:
    """Open any bytes as the ring of unsent events; the first byte of a line chooses whether its checksum is right."""
    folder = _folder()

    def run(data: bytes) -> None:
        for path in folder.iterdir():
            path.unlink()
        (folder / "events-000001.ring").write_bytes(data[1:] if data[:1] == b"=" else _records(data))
        try:
            kept = Ring(folder)
        except StoreError as error:
            _refused(error)
            return
        before = kept.number
        assert kept.append({"name": "event", "said": "{}"}) == before + 1
        kept.close()
        again = Ring(folder)
        again.close()
        assert again.number == before + 1, "a record was lost"

    return run


def _records(data: bytes) -> bytes:
    return MAGIC + b"".join(HEAD.pack(len(body), zlib.crc32(body)) + body for body in data.split(b"\n"))


def person() -> Target:
    """Read any bytes as an export of a person into an empty store."""
    store = sqlite3.connect(":memory:", isolation_level=None)
    store.execute("PRAGMA foreign_keys = ON")
    migrate(store)

    def run(data: bytes) -> None:
        try:
            document = json.loads(data)
        except (ValueError, RecursionError):
            return
        try:
            read_document(store, document)
        except StoreError as error:
            _refused(error)
        assert not store.in_transaction
        store.execute("DELETE FROM people")
        store.execute("DELETE FROM boots")

    return run
