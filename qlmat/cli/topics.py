"""`qlmat topics`: the MQTT topics, from the table the program itself uses."""

from typing import Annotated

import typer


def topics(
    markdown: Annotated[bool, typer.Option("--markdown", help="Write the whole page docs/mqtt.md.")] = False,
) -> None:
    """Show the MQTT topics of the mat: what each carries, how often, retained or not."""
    from qlmat.topic_page import topics_markdown
    from qlmat.topics import TOPICS

    if markdown:
        print(topics_markdown(), end="")
        return
    from rich.console import Console
    from rich.table import Column, Table

    table = Table(Column("topic", no_wrap=True), "from", "kept", "QoS", "rate", "for", title="MQTT topics of a mat")
    for topic in TOPICS:
        sender = "you" if topic.receives else "mat"
        table.add_row(
            topic.template, sender, "yes" if topic.retained else "no", str(topic.qos), topic.rate, topic.about
        )
    console = Console()
    console.print(table)
    console.print("Keys, units and samples: [bold]qlmat topics --markdown[/]")
