"""The page `docs/mqtt.md`, written from the table of topics: `python -m qlmat.topic_page > docs/mqtt.md`."""

import sys
from collections.abc import Mapping

from qlmat.payloads import encode, scalar
from qlmat.topic_parts import Topic
from qlmat.topics import TOPICS


def topics_markdown() -> str:
    """Write the page `docs/mqtt.md`."""
    overview = [
        f"| `{t.template}` | {'yes' if t.retained else 'no'} | {t.qos} | {t.rate} | {t.about} |" for t in TOPICS
    ]
    parts = [_PREFACE, "| topic | retained | QoS | rate | for |\n|---|---|---|---|---|", *overview]
    return "\n".join(parts) + "\n" + "".join(_section(topic) for topic in TOPICS)


def _section(topic: Topic) -> str:
    rows = [f"| {f'`{key.path}`' if key.path else ''} | {key.unit or ''} | {key.about} |" for key in topic.keys]
    sample = (encode(topic.sample) if isinstance(topic.sample, Mapping) else scalar(topic.sample)).decode()
    lines = [f"\n## `{topic.template}`\n\n{topic.about[0].upper()}{topic.about[1:]}.\n"]
    lines += [f"- {line}" for line in topic.more] + ([""] if topic.more else [])
    lines += ["| key | unit | meaning |", "|---|---|---|", *rows]
    return "\n".join(lines) + f"\n\n```json\n{sample}\n```\n"


_PREFACE = """# MQTT

Generated from `qlmat/topics.py` by `python -m qlmat.topic_page`; do not edit. `qlmat topics` prints the same table. The
same for programs, as AsyncAPI 3: [asyncapi.json](asyncapi.json).

The mat speaks MQTT 5 and falls back to 3.1.1. `<id>` is the mat's id from the configuration. Payloads are JSON objects
that always have all their keys; null means unknown. All times `t_s` are monotonic seconds of the mat: use them for
durations, and `time` (UTC) for the calendar.

The last will says `offline` five seconds after an MQTT 5 connection is lost, so that a short loss of Wi-Fi does not
flap; at once under 3.1.1. Commands are JSON objects or empty, at most 1024 bytes. An answer comes once the command was
done or refused; it goes to the MQTT 5 response topic with the asker's correlation data, without one to `resp/<name>`.
Under our access rules (`systemd/mosquitto`) a response topic must lie below `qlmat/<id>/resp/`.
Never retain a command, and give it an expiry of some seconds (MQTT 5), or say `at`: an old *start* must not begin a
session. A `stop` overtakes every command that waits.

Events and session summaries are kept on disk until the broker has confirmed them. After an outage they come in order,
at most 200 a second. What waits while the clock is set from the network is dated anew; what was sent before says
`unsynced`: `t_s`, `boot` and the next `health` date it. With `broker.discovery` the mat also tells Home Assistant what
there is, on `homeassistant/device/qlmat_<id>/config`, and again whenever `homeassistant/status` says `online`. With
`broker.private` nothing the mat measures of the body leaves it: no `live`, and null instead of forces.
"""


if __name__ == "__main__":
    sys.stdout.write(topics_markdown())
