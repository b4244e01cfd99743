"""What `qlmat doctor` says: one finding a fact, a verdict each, and what to do about it. Values in, findings out.

`doctor_machine`, `doctor_mat` and `doctor_broker` turn what was seen into findings; nothing here looks at anything.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Verdict = Literal["good", "skipped", "warning", "failed"]
Area = Literal["Software", "Machine", "Bus", "Chips", "Sensors", "Outputs", "Broker", "Clock", "Storage"]
SEVERITY: tuple[Verdict, ...] = ("good", "skipped", "warning", "failed")


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact: where, how it is, in words, what to do (empty when good), and the figures behind it by name with unit.

    `name` is a word for programs; it stays when the words change.
    """

    area: Area
    name: str
    verdict: Verdict
    said: str
    todo: str = ""
    seen: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.verdict in ("warning", "failed")) != bool(self.todo):
            raise ValueError(f"Finding {self.name}: say what to do when something is wrong, and only then.")


def good(area: Area, name: str, said: str, **seen: Any) -> Finding:
    """Say that something is as it should be."""
    return Finding(area, name, "good", said, "", seen)


def skipped(area: Area, name: str, said: str, **seen: Any) -> Finding:
    """Say that something was not looked at, and why."""
    return Finding(area, name, "skipped", said, "", seen)


def warning(area: Area, name: str, said: str, todo: str, **seen: Any) -> Finding:
    """Say that something could be better, though the mat works."""
    return Finding(area, name, "warning", said, todo, seen)


def failed(area: Area, name: str, said: str, todo: str, **seen: Any) -> Finding:
    """Say that something must be mended before the mat works."""
    return Finding(area, name, "failed", said, todo, seen)


def worst(findings: Iterable[Finding]) -> Verdict:
    """Give the gravest verdict among findings, "good" when there are none."""
    return max((finding.verdict for finding in findings), key=SEVERITY.index, default="good")


def exit_code(findings: Iterable[Finding]) -> int:
    """Give 1 when anything failed, else 0: a warning does not keep the mat from working."""
    return int(worst(findings) == "failed")


def counts(findings: Iterable[Finding]) -> dict[Verdict, int]:
    """Count findings by verdict, every verdict named."""
    found = Counter(finding.verdict for finding in findings)
    return {verdict: found[verdict] for verdict in SEVERITY}


def report(findings: Sequence[Finding], about: Mapping[str, Any]) -> dict[str, Any]:
    """Build what `qlmat doctor --json` prints; `about` says what was looked at and with which versions."""
    return {
        "about": dict(about),
        "verdict": worst(findings),
        "counts": counts(findings),
        "findings": [
            {
                "area": finding.area,
                "name": finding.name,
                "verdict": finding.verdict,
                "said": finding.said,
                "todo": finding.todo or None,
                "seen": dict(finding.seen),
            }
            for finding in findings
        ],
    }
