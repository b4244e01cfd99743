"""`qlmat report`: a course on one page, as HTML and as PDF, to look at, to print, to show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qlmat.cli.keeping import PersonOption, StoreFolder, folder_of
from qlmat.cli.options import Config
from qlmat.errors import ReportError

INSTALL = (
    "the report needs {what}: install it with pip install 'qlmat[report]' and, on Debian or Raspberry Pi OS, "
    "apt install libpango-1.0-0 libpangoft2-1.0-0"
)


def report(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Where to write the two files.")
    ] = Path(),
    person: PersonOption = None,
    no_pdf: Annotated[bool, typer.Option("--no-pdf", help="Write the HTML page only.")] = False,
    store: StoreFolder = None,
    config: Config = None,
) -> None:
    """Write a report of one person's present course: report.html, which needs nothing else, and report.pdf."""
    try:
        from qlmat.report.page import page
    except ImportError as error:
        raise ReportError(INSTALL.format(what=error.name)) from error
    from qlmat.store.calendar import utc_now
    from qlmat.store.course import course_so_far
    from qlmat.store.database import opened
    from qlmat.store.people import find_person

    with opened(folder_of(store, config)) as database:
        course = course_so_far(database, find_person(database, person))
    text = page(course, utc_now().astimezone())
    files = {output / "report.html": text.encode()}
    if not no_pdf:
        files[output / "report.pdf"] = _pdf(text)
    try:
        output.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            path.touch(mode=0o600)
            path.write_bytes(content)
            typer.echo(path)
    except OSError as error:
        raise ReportError(f"{error.filename}: cannot be written ({error.strerror}): choose another --output") from error


def _pdf(text: str) -> bytes:
    """Lay the page out on paper; nothing is fetched from anywhere."""
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as error:  # OSError: Pango is missing
        raise ReportError(INSTALL.format(what="weasyprint") + "; or leave the PDF out with --no-pdf") from error
    pdf: bytes = HTML(string=text).write_pdf()
    return pdf
