"""What must not be lost, on disk: a bounded ring of numbered records in a folder, each with its own checksum.

    events-000007.ring                       sent
    +----------+-------+-------+---------+   +-------------------------+
    | QLMRING1 | bytes | CRC32 | record  |   | number of the last one  |
    +----------+-------+-------+---------+   | that the broker has     |
                 4       4      JSON, ...    +-------------------------+

Records go to the newest segment; when it is full another is begun and the oldest goes. A kill leaves a torn tail at
most, which the checksum shows: what came before it is kept. After a power cut the records of the last second may be
missing, and their numbers leave a gap to be seen.
"""

import errno
import json
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from qlmat.errors import StoreError

MAGIC = b"QLMRING1"
HEAD = struct.Struct("<II")  # length of the record, its CRC32
SEGMENT_BYTES, SEGMENTS = 256 * 1024, 16  # 4 MB: some 13,000 events of 300 bytes
MAX_RECORD = 16 * 1024
ERASE = "erase"  # a file of this name has the whole ring erased when it is next opened
COUNTS = ("events", "sessions")  # of a mat's life, in each record: `qlmat.mqtt` counts on from them

Record = dict[str, Any]


class Ring:
    """A bounded ring of JSON records. `append` gives each the next number, `k`; `unsent` lists what is still to go.

    One thread at a time. Raises StoreError when the folder cannot be used.
    """

    def __init__(self, folder: Path, segment_bytes: int = SEGMENT_BYTES, segments: int = SEGMENTS) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._segments = segments
        self._file: BinaryIO | None = None
        self.torn = 0  # segments that ended in half a record
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)  # it may be of an earlier version
            found = [(path, list(self._read(path))) for path in self._paths()]
            self._sent = self._read_sent()
            self._clear_out([(path, inside) for path, inside in found if inside])
            self._begin()
        except OSError as error:
            raise StoreError(f"{folder}: events cannot be kept there ({error.strerror}): check its rights.") from error
        records = [record for _, inside in found for record in inside]
        self.last: Record = records[-1] if records else {}
        self.number = max(int(self.last.get("k", 0)), self._sent)  # of the last record
        self.unsent = [record for record in records if record["k"] > self._sent]
        if (folder / ERASE).exists():
            self._erase()

    def append(self, record: Record) -> int:
        """Write a record and return its number. Raises StoreError when the disk is full."""
        self.number += 1
        body = json.dumps(record | {"k": self.number}, separators=(",", ":"), ensure_ascii=False).encode()
        try:
            if self._file is None or self._file.tell() + HEAD.size + len(body) > self._segment_bytes:
                self._begin()
            assert self._file is not None  # noqa: S101 - just begun; for the type checker
            _write(self._file, HEAD.pack(len(body), zlib.crc32(body)) + body)
        except OSError as error:
            self._let_go()  # it may end in half a record: what follows goes into another segment
            raise StoreError(f"{self._folder}: an event could not be kept ({error.strerror}).") from error
        return self.number

    def confirm(self, number: int) -> None:
        """Remember that the broker has everything up to `number`; on disk at the next `sync`."""
        self._sent = max(self._sent, number)

    def sync(self) -> None:
        """Bring everything to the disk itself. May take seconds on a memory card."""
        with suppress(OSError):
            if self._file is not None:
                os.fsync(self._file.fileno())
            part = self._folder / "sent.part"
            part.touch(mode=0o600)
            part.write_text(f"{self._sent}\n")
            part.replace(self._folder / "sent")

    def close(self) -> None:
        """Sync and let go."""
        self.sync()
        self._let_go()

    def _let_go(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    # --- files --------------------------------------------------------------------------------------------------------

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("events-*.ring"))

    def _begin(self) -> None:
        """Open a fresh segment, never one that might end in half a record, and let the oldest go."""
        self._let_go()
        paths = self._paths()
        following = int(paths[-1].stem.partition("-")[2]) + 1 if paths else 1
        path = self._folder / f"events-{following:06d}.ring"
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb", 0)
        _write(self._file, MAGIC)
        # Counted in bytes: a mat that is started again and again begins many short segments.
        room = (self._segments - 1) * self._segment_bytes
        for path in reversed(paths):
            size = path.stat().st_size
            room -= size
            if size <= len(MAGIC) or room < 0:
                path.unlink()

    def _clear_out(self, segments: list[tuple[Path, list[Record]]]) -> None:
        """Delete segments of which everything was sent, but for the newest: its last record says how far we came."""
        for path, inside in segments[:-1]:
            if inside[-1]["k"] <= self._sent:
                path.unlink()

    def _erase(self) -> None:
        """Delete every record, sent or not; numbers go on, and so do the counts that records carry."""
        counts = {key: self.last[key] for key in COUNTS if key in self.last}
        try:
            old = self._paths()
            self._begin()
            self.confirm(self.append(counts))
            self.sync()
            for path in [*old, self._folder / ERASE]:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"{self._folder}: could not be erased ({error.strerror}): check its rights.") from error
        self.last, self.unsent = counts, []

    def _read(self, path: Path) -> Iterator[Record]:
        content = path.read_bytes()
        at = len(MAGIC)
        if not content.startswith(MAGIC):
            self.torn += 1
            return
        while at < len(content):
            length, crc = HEAD.unpack_from(content, at) if at + HEAD.size <= len(content) else (MAX_RECORD + 1, 0)
            body = content[at + HEAD.size : at + HEAD.size + length]
            record = _record(body) if length == len(body) <= MAX_RECORD and zlib.crc32(body) == crc else None
            if record is None:
                self.torn += 1
                return
            yield record
            at += HEAD.size + length

    def _read_sent(self) -> int:
        with suppress(OSError, ValueError):
            return int((self._folder / "sent").read_text())
        return 0


def _write(file: BinaryIO, content: bytes) -> None:
    """Write all of it: a disk that fills up takes a part and says so only by its length."""
    if file.write(content) != len(content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _record(body: bytes) -> Record | None:
    """Decode a record that came to the disk whole; None for one that is none of ours."""
    try:
        record = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) and isinstance(record.get("k"), int) else None
