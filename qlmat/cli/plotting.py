"""`--plot FILE`: the picture of a replay. All that can go wrong is looked for before the replay begins."""

from collections.abc import Iterator
from pathlib import Path

from qlmat.config import Settings
from qlmat.core.model import Tick
from qlmat.errors import ReportError, UsageError
from qlmat.recording import Recording

FORMATS = (".png", ".svg", ".pdf")


class Plot:
    """A picture that is drawn of the ticks which pass through it, and appears whole when they have ended."""

    def __init__(self, path: Path, recording: Recording, settings: Settings) -> None:
        """Check name, library and folder; raises `UsageError` or `ReportError`, having changed nothing."""
        if path.suffix.lower() not in FORMATS:
            raise UsageError(f"--plot {path}: draws {', '.join(FORMATS)}: end the name in one of these")
        try:
            from qlmat.report import timeline  # noqa: F401 - what it needs must be there before a long replay
            from qlmat.report.trace import Trace
        except ImportError as error:
            raise ReportError(f"--plot needs {error.name}: install it with pip install 'qlmat[report]'") from error
        self._path, self._recording, self._settings, self._trace = path, recording, settings, Trace()
        self._part = path.with_name(f".{path.name}.part")
        if path.is_dir():
            raise ReportError(f"{path}: is a folder: choose another --plot")
        self._write(b"")
        self._part.unlink()

    def through(self, ticks: Iterator[Tick]) -> Iterator[Tick]:
        """Give the ticks on, keeping what the picture needs."""
        return self._trace.through(ticks)

    def draw(self, notes: list[str]) -> None:
        """Draw the picture and put it in its place; raises `ReportError` when it cannot be written."""
        from qlmat.report.timeline import picture, written

        recording = self._recording
        title = f"{Path(recording.name).name}, {recording.t_s[-1] - recording.t_s[0]:.1f} s"
        figure = picture(self._trace, self._settings.plan, recording.gaps(), title, notes)
        self._write(written(figure, self._path.suffix.lower()))
        self._part.replace(self._path)

    def _write(self, content: bytes) -> None:
        try:
            self._part.write_bytes(content)
        except OSError as error:
            self._part.unlink(missing_ok=True)
            reason = (error.strerror or str(error)).lower()
            raise ReportError(f"{self._path}: cannot be written ({reason}): choose another --plot") from error
