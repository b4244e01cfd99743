"""The files of the page, read once at start; nothing else on the disk can be asked for."""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).parent / "static"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: as it is, compressed, its media type and a tag that changes with its content."""

    body: bytes
    compressed: bytes
    media_type: str
    tag: str


def load_assets(folder: Path = STATIC) -> dict[str, Asset]:
    """Read every file of the page, by its name; `built` holds what the build fetched and compressed, if it did."""
    built = folder / "built"
    paths = [*folder.iterdir(), *(built.iterdir() if built.is_dir() else ())]
    return {path.name: _asset(path, built) for path in sorted(paths) if path.suffix in TYPES}


def _asset(path: Path, built: Path) -> Asset:
    body = path.read_bytes()
    tag = hashlib.sha256(body).hexdigest()[:16]
    ready = built / f"{path.name}.{tag}.gz"  # absent for a file that was edited after the build
    compressed = ready.read_bytes() if ready.exists() else gzip.compress(body, 9, mtime=0)
    return Asset(body, compressed, TYPES[path.suffix], f'"{tag}"')
