"""The doctor's findings on one screen of 80 columns: what is good in a few words, what is not on lines of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from qlmat.doctor import Finding, Verdict, counts, worst

MARKS: dict[Verdict, tuple[str, str]] = {  # never colour alone
    "good": ("ok", "green"),
    "skipped": ("--", "dim"),
    "warning": ("!", "yellow"),
    "failed": ("NO", "bold red"),
}
ENDINGS = {
    "good": "Everything is as it should be.",
    "skipped": "Nothing wrong was found; what is marked -- was not tried.",
    "warning": "The mat works. What is marked ! could be better.",
    "failed": "Mend what is marked NO, from the top, then run 'qlmat doctor' again.",
}


def screen(findings: Sequence[Finding], about: Mapping[str, Any]) -> RenderableType:
    """Lay out all findings, areas in the order in which they first appear."""
    table = Table.grid(padding=(0, 1), expand=False)
    table.add_column(width=9, style="bold")
    table.add_column(width=2)
    table.add_column(ratio=1)
    for area in dict.fromkeys(finding.area for finding in findings):
        _add(table, area, [finding for finding in findings if finding.area == area])
    return Group(_title(about), table, _ending(findings))


def _title(about: Mapping[str, Any]) -> Text:
    where = about["model"] or about["hardware"]
    return Text(f"QL Mat {about['qlmat']}, mat '{about['mat']}', {where} hardware", style="bold")


def _add(table: Table, area: str, findings: Sequence[Finding]) -> None:
    first = area
    for verdict in ("failed", "warning"):
        for finding in findings:
            if finding.verdict == verdict:
                table.add_row(first, _mark(finding.verdict), _with_todo(finding))
                first = ""
    for quiet in ("good", "skipped"):
        words = [finding.said for finding in findings if finding.verdict == quiet]
        if words:
            style = "dim" if quiet == "skipped" else ""
            table.add_row(first, _mark(quiet), Text("; ".join(words), style=style))
            first = ""


def _mark(verdict: str) -> Text:
    word, style = MARKS[verdict]  # type: ignore[index]  # a Verdict, whose type a loop over literals loses
    return Text(word, style=style)


def _with_todo(finding: Finding) -> Text:
    return Text.assemble(finding.said, ("\n-> ", "cyan"), finding.todo)


def _ending(findings: Sequence[Finding]) -> Text:
    number = counts(findings)
    tally = f"{number['good']} good, {number['warning']} to improve, {number['failed']} to mend, "
    return Text(f"{tally}{number['skipped']} not tried. {ENDINGS[worst(findings)]}", style="bold")
