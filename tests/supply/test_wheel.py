"""The wheel is the same to the byte whenever and wherever the same sources are built."""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EPOCH = "1763802000"  # any moment; `make wheel` takes that of the commit
BUILT = "qlmat/dashboard/static/built"
pytestmark = pytest.mark.skipif(find_spec("hatchling") is None, reason="hatchling is not installed: make test does it")


def build(tree: Path, seed: str, umask: int) -> Path:
    """Copy the sources and build them there, with other times, rights and hash seed each time."""
    for name in ("pyproject.toml", "hatch_build.py", "package.json", "package-lock.json", "README.md", "LICENSE"):
        tree.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / name, tree / name)
    for folder in ("qlmat", "firmware"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path in tree.rglob("*"):
        os.utime(path, (1e9 + int(seed), 1e9 + int(seed)))
        path.chmod((0o777 if path.is_dir() else 0o666) & ~umask)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tree / "out")],
        cwd=tree, check=True, capture_output=True, timeout=100,
        env=os.environ | {"SOURCE_DATE_EPOCH": EPOCH, "PYTHONHASHSEED": seed},
    )  # fmt: skip
    (wheel,) = (tree / "out").glob("*.whl")
    return wheel


@pytest.mark.skipif(not (ROOT / BUILT / "lock.sha256").exists(), reason="the page's chart has not been fetched here")
def test_two_builds_of_the_same_sources_have_the_same_hash(tmp_path: Path) -> None:
    one, other = build(tmp_path / "one", "1", 0o022), build(tmp_path / "other", "2", 0o077)
    hashes = [hashlib.sha256(wheel.read_bytes()).hexdigest() for wheel in (one, other)]
    with zipfile.ZipFile(one) as wheel:
        names = wheel.namelist()
    assert hashes[0] == hashes[1], [each for each in names if _differs(one, other, each)]
    assert "qlmat/dashboard/static/built/uplot.js" in names
    assert any(name.startswith("qlmat_firmware/") for name in names)


def _differs(one: Path, other: Path, name: str) -> bool:
    with zipfile.ZipFile(one) as first, zipfile.ZipFile(other) as second:
        a, b = first.getinfo(name), second.getinfo(name)
        return first.read(name) != second.read(name) or (a.date_time, a.external_attr) != (b.date_time, b.external_attr)
