"""The bill of materials of a wheel, in CycloneDX: what `cyclonedx-py` says of the lock file, and what it cannot know.

    python packaging/bill.py requirements/release.txt dist/qlmat-0.1.0.cdx.json

Added are the licences, as the installed packages state them, and the page's chart library, which comes from npm.
"""

import base64
import json
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TOOL = ROOT / ".venv-supply" / "bin" / "cyclonedx-py"


def licence_of(name: str) -> str | None:
    """Give the licence an installed package states, None for one that is not installed."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return None
    classified = [
        each.rpartition(" :: ")[2] for each in said.get_all("Classifier", []) if each.startswith("License ::")
    ]
    return said.get("License-Expression") or ", ".join(classified) or (said.get("License") or "unknown").splitlines()[0]


def completed(bill: dict[str, Any], packages: dict[str, Any]) -> dict[str, Any]:
    """Add licences, and from `packages`, the content of package-lock.json, what goes into the wheel."""
    for component in bill["components"]:
        component.pop("description", None)  # the line of the lock file once more
        licence = licence_of(component["name"])
        if licence is not None and "licenses" not in component:
            component["licenses"] = [{"license": {"name": licence}}]
    root = bill["metadata"]["component"]
    root["type"] = "application"
    parts = [component["bom-ref"] for component in bill["components"]]
    for place, package in packages["packages"].items():
        if place and not package.get("dev"):
            chart = _npm(place.rpartition("node_modules/")[2], package)
            bill["components"].append(chart)
            parts.append(chart["bom-ref"])
    links = [each for each in bill["dependencies"] if each["ref"] != root["bom-ref"] and each["ref"] in parts]
    known = {each["ref"] for each in links}
    links += [{"ref": part} for part in parts if part not in known]
    bill["dependencies"] = [{"ref": root["bom-ref"], "dependsOn": sorted(parts)}, *links]
    return bill


def _npm(name: str, package: dict[str, Any]) -> dict[str, Any]:
    method, _, digest = package["integrity"].partition("-")
    return {
        "bom-ref": f"npm-{name}",
        "type": "library",
        "name": name,
        "version": package["version"],
        "purl": f"pkg:npm/{name}@{package['version']}",
        "licenses": [{"license": {"id": package["license"]}}],
        "hashes": [{"alg": f"SHA-{method.removeprefix('sha')}", "content": base64.b64decode(digest).hex()}],
    }


def main() -> None:
    """Write the bill of a lock file."""
    lock, to = map(Path, sys.argv[1:])
    command = [str(TOOL), "requirements", str(lock), "--pyproject", str(ROOT / "pyproject.toml"), "--of", "JSON",
               "--output-reproducible", "-o", "-"]  # fmt: skip
    said = subprocess.run(command, capture_output=True, check=True).stdout
    bill = completed(json.loads(said), json.loads((ROOT / "package-lock.json").read_text()))
    to.parent.mkdir(exist_ok=True)
    to.write_text(json.dumps(bill, indent=1, sort_keys=True) + "\n")
    licensed = sum("licenses" in component for component in bill["components"])
    print(f"{to}: {len(bill['components'])} components, {licensed} with their licence")


if __name__ == "__main__":
    main()
