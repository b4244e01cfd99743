"""Writing a recording: frames, each at one instant, go into a hidden file that takes its name, whole, at the end."""

import csv
import math
from contextlib import suppress
from pathlib import Path

from qlmat.core.alignment import Aligner
from qlmat.core.model import Board, Frame
from qlmat.errors import RecordingError


class RecordingWriter:
    """Writes frames, volts of all inputs and rails; the file appears, whole, on `close`."""

    def __init__(self, path: Path, board: Board, force: bool = False) -> None:
        """Check that the file can be written, touching nothing that exists; raises `RecordingError`."""
        self.path, self._force, self.frames = path, force, 0
        self._broken: RecordingError | None = None
        self._aligner = Aligner()
        self._part = path.with_name(f".{path.name}.part")
        self._refuse_overwriting()
        try:
            self._file = self._part.open("w", encoding="utf-8", newline="")
        except OSError as error:
            raise self._failed(error) from error
        self._lines = csv.writer(self._file, lineterminator="\n")
        self._lines.writerow(["t_s", *(f"{channel.name}_v" for channel in board.channels)])

    def write(self, frame: Frame) -> None:
        """Write one frame with every digit, so that reading it back gives the same numbers.

        A row has one time, so the samples are brought to one instant first, as the pipeline does.
        Raises `RecordingError` when it cannot, and so will `close`: the file is not whole any more.
        """
        frame = self._aligner.step(frame)
        cells = ["" if math.isnan(volts) else repr(volts) for volts in frame.volts.tolist()]
        try:
            self._lines.writerow([repr(float(frame.t_s)), *cells])
        except OSError as error:
            self._broken = self._failed(error)
            raise self._broken from error
        self.frames += 1

    def close(self) -> None:
        """Put the finished file in its place, or nothing if it holds no frame; raises `RecordingError` if it cannot."""
        if self._file.closed:
            return
        if self._broken is not None:
            self.discard()
            raise self._broken
        if not self.frames:
            self.discard()
            return
        try:
            self._file.close()
            self._refuse_overwriting()
            self._part.replace(self.path)
        except OSError as error:
            self.discard()
            raise self._failed(error) from error

    def discard(self) -> None:
        """Leave nothing behind that is not whole."""
        with suppress(OSError):  # what it could not write before, it need not write now
            self._file.close()
        self._part.unlink(missing_ok=True)

    def _refuse_overwriting(self) -> None:
        if self.path.exists() and not self._force:
            raise RecordingError(f"{self.path}: exists already: choose another name, or add --force to replace it")

    def _failed(self, error: OSError) -> RecordingError:
        why = (error.strerror or str(error)).lower()
        return RecordingError(f"{self.path}: cannot be written ({why}): check the folder, its rights and free space")
