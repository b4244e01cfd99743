"""`qlmat topics`: the MQTT topics, from the table the program itself uses."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qlmat.cli.options import Config


def topics(
    markdown: Annotated[bool, typer.Option("--markdown", help="Write the whole page docs/mqtt.md.")] = False,
    take_back: Annotated[
        str | None, typer.Option("--take-back", metavar="ID", help="Remove what a mat that is no more has left behind.")
    ] = None,
    host: Annotated[
        str | None,
        typer.Option("--host", metavar="HOST[:PORT]", help="With --take-back: instead of the configured one."),
    ] = None,
    user: Annotated[str | None, typer.Option("--user", help="With --take-back: the login, such as admin.")] = None,
    password_file: Annotated[
        str | None, typer.Option("--password-file", metavar="FILE", help="With --take-back: its password.")
    ] = None,
    config: Config = None,
) -> None:
    """Show the MQTT topics of the mat: what each carries, how often, retained or not."""
    if take_back is not None:
        _take_back(take_back, host, user, password_file, config)
        return
    from qlmat.topic_page import topics_markdown

    if markdown:
        print(topics_markdown(), end="")
        return
    _show()


def _show() -> None:
    from rich.console import Console
    from rich.table import Column, Table

    from qlmat.topics import TOPICS

    table = Table(Column("topic", no_wrap=True), "from", "kept", "QoS", "rate", "for", title="MQTT topics of a mat")
    for topic in TOPICS:
        sender = "you" if topic.receives else "mat"
        table.add_row(
            topic.template, sender, "yes" if topic.retained else "no", str(topic.qos), topic.rate, topic.about
        )
    console = Console()
    console.print(table)
    console.print("Keys, units and samples: [bold]qlmat topics --markdown[/]")


def _take_back(mat_id: str, host: str | None, user: str | None, password_file: str | None, config: Path | None) -> None:
    """Clear every retained topic of a mat; raises `BrokerError` when the broker does not let us."""
    from qlmat.cli.broker_option import find_broker
    from qlmat.cli.daemon import broker_settings
    from qlmat.connection import take_back
    from qlmat.errors import BrokerError
    from qlmat.homeassistant import left_behind

    told = find_broker("--host", host, config)
    login = {"username": user, "password_file": password_file}
    told = told.model_copy(update={key: value for key, value in login.items() if value is not None})
    gone = left_behind(mat_id)
    refused = take_back(broker_settings(told), gone)
    if refused:
        raise BrokerError(
            f"{len(refused)} of {len(gone)} topics of '{mat_id}' stay, such as {refused[0]}: "
            "use the login 'admin' of the broker: --user admin --password-file /etc/qlmat/admin.password"
        )
    typer.echo(f"Nothing of '{mat_id}' is retained any more ({len(gone)} topics).")
