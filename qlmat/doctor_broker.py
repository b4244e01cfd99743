"""Findings about the MQTT broker: is it there, does it let us in, does it keep others out. Values in, findings out."""

from dataclasses import dataclass

from qlmat.doctor import Finding, failed, good, skipped, warning

SLOW_S = 0.5
LOGIN = "give the broker logins: 'sudo firmware/boot/install.sh' does, or see the MQTT page of the documentation"


@dataclass(frozen=True, slots=True)
class BrokerSeen:
    """What the broker did.

    `problem`: why there is no connection, None when there is one. `round_trip_s`: own message there and back, None if
    it never came. `anonymous`: whether it lets in somebody without a name; `wrong_password`: with a wrong one (None:
    we have no login to try it with). `foreign`: whether our login may write another mat's topics, None if not tried.
    `loopback`: whether it is on this very machine.
    """

    where: str
    problem: str | None
    protocol: str | None = None
    round_trip_s: float | None = None
    login: bool = False
    anonymous: bool = True
    wrong_password: bool | None = None
    foreign: bool | None = None
    loopback: bool = True
    tls: bool = False


def broker_findings(seen: BrokerSeen | None) -> list[Finding]:
    """Judge the broker; None when it was not asked for."""
    if seen is None:
        return [skipped("Broker", "connection", "not looked at (--no-broker)")]
    if seen.problem is not None:
        todo = "the mat works without it; for page and Home Assistant: 'systemctl status mosquitto'"
        return [failed("Broker", "connection", seen.problem.rstrip("."), todo)]
    return [_round_trip(seen), _who_may_enter(seen), _foreign_topics(seen), *_secrecy(seen)]


def _round_trip(seen: BrokerSeen) -> Finding:
    spoken = f"{seen.where} speaks MQTT {seen.protocol}"
    if seen.round_trip_s is None:
        todo = "the login may not write and read its own topics: its name must be the mat's id (see the broker's ACL)"
        return failed("Broker", "round_trip", f"{spoken}, but our message never came back", todo)
    said = f"{spoken}, there and back in {seen.round_trip_s * 1e3:.0f} ms"
    figures = {"round_trip_s": round(seen.round_trip_s, 4)}
    if seen.round_trip_s > SLOW_S:
        return warning("Broker", "round_trip", said, "check the Wi-Fi: the page will lag as much", **figures)
    return good("Broker", "round_trip", said, **figures)


def _who_may_enter(seen: BrokerSeen) -> Finding:
    if seen.anonymous and not seen.loopback:
        return failed("Broker", "anonymous", "anybody on the network may watch and command the mat", LOGIN)
    if seen.wrong_password:
        return failed("Broker", "password", "a wrong password is let in", LOGIN)
    if seen.anonymous:
        return warning("Broker", "anonymous", "anybody on this machine may watch and command the mat", LOGIN)
    return good("Broker", "anonymous", "strangers are refused")


def _foreign_topics(seen: BrokerSeen) -> Finding:
    if seen.foreign is None:
        return skipped("Broker", "foreign_topics", "topics of other mats: not tried")
    if not seen.foreign:
        return good("Broker", "foreign_topics", "topics of other mats are closed to us")
    if not seen.login:
        return skipped("Broker", "foreign_topics", "without logins, topics of other mats are open")
    todo = "give the broker the ACL of systemd/mosquitto: 'pattern readwrite qlmat/%u/#'"
    return warning("Broker", "foreign_topics", "our login may write topics of other mats", todo)


def _secrecy(seen: BrokerSeen) -> list[Finding]:
    if seen.loopback or seen.tls:
        return []
    todo = "write 'tls = true' in [broker]: the password crosses the network in the clear"
    return [warning("Broker", "tls", "the connection is not encrypted", todo)]
