"""`qlmat doctor`: one screen of what is right and what to do about the rest, on this machine or on the emulator."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from qlmat.cli.options import Config

if TYPE_CHECKING:
    from qlmat.cli.doctor_mat import Bench
    from qlmat.config import Settings
    from qlmat.doctor import Finding
    from qlmat.doctor_broker import BrokerSeen


def doctor(
    self_test: Annotated[
        bool, typer.Option("--self-test", help="Examine the emulated mat instead of this machine's.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output, nothing else.")] = False,
    no_broker: Annotated[bool, typer.Option("--no-broker", help="Leave the MQTT broker out.")] = False,
    no_ask: Annotated[
        bool, typer.Option("--no-ask", help="Ask nothing and switch nothing on, as without a terminal.")
    ] = False,
    reset_chips: Annotated[
        bool,
        typer.Option("--reset-chips", help="First reset every ADS1x15 on the bus, and whatever else obeys the call."),
    ] = False,
    config: Config = None,
) -> None:
    """Examine everything the mat needs; the exit code is 1 when something must be mended, 0 otherwise."""
    from qlmat.config import load
    from qlmat.doctor import exit_code, report
    from qlmat_firmware.board import BOARD_V1

    settings = load(config, BOARD_V1)
    person = not (as_json or no_ask) and sys.stdin.isatty() and sys.stdout.isatty()
    findings = [
        *_computer(settings),
        *_mat(settings, self_test, person, reset_chips),
        *_broker(settings, self_test, no_broker),
    ]
    about = _about(settings, self_test)
    if as_json:
        import json

        print(json.dumps(report(findings, about), allow_nan=False, ensure_ascii=False))
    else:
        from rich.console import Console

        from qlmat.cli.doctor_screen import screen

        Console(highlight=False).print(screen(findings, about))
    raise typer.Exit(exit_code(findings))


def _computer(settings: Settings) -> list[Finding]:
    from qlmat import doctor_machine as judge
    from qlmat import doctor_probe as probe
    from qlmat_firmware.checks import see_pin_library, see_pins_access

    software = probe.see_software(see_pin_library(), os.environ)
    return [
        *judge.software_findings(software, on_pi=probe.pi_model() is not None),
        *judge.machine_findings(probe.see_machine(settings.board, see_pins_access())),
        *judge.clock_findings(probe.see_moment()),
        *judge.storage_findings(probe.see_storage(str(settings.store.path))),
    ]


def _mat(settings: Settings, self_test: bool, person: bool, reset: bool) -> list[Finding]:
    from qlmat import doctor
    from qlmat.cli.doctor_mat import examine, real_bench, virtual_bench
    from qlmat.cli.doctor_person import NOBODY, Terminal
    from qlmat.doctor_probe import service_runs
    from qlmat.errors import BusError, PinError

    if self_test:
        return examine(settings, virtual_bench(settings), reset=reset)
    if service_runs():
        todo = "'sudo systemctl stop qlmat', then 'qlmat doctor' again, then 'sudo systemctl start qlmat'"
        return [doctor.warning("Bus", "service", "the mat's service is running and has bus and pins", todo)]
    try:
        bench: Bench = real_bench(settings, Terminal() if person else NOBODY)
    except BusError as error:
        said, _, todo = str(error).partition(": ")
        return [doctor.failed("Bus", "open", said, todo or "see 'ls -l /dev/i2c-*'")]
    except PinError as error:
        said, _, todo = str(error).partition("): ")
        return [doctor.failed("Outputs", "pins", said + ")", todo or "sudo apt install python3-lgpio")]
    return examine(settings, bench, reset=reset)


def _broker(settings: Settings, self_test: bool, no_broker: bool) -> list[Finding]:
    from qlmat.doctor_broker import broker_findings

    return broker_findings(None if no_broker else _ask_broker(settings, self_test))


def _ask_broker(settings: Settings, self_test: bool) -> BrokerSeen:
    from qlmat.cli.daemon import broker_settings
    from qlmat.doctor_ask import see_broker

    if not self_test:
        return see_broker(broker_settings(settings.broker), settings.mat.id)
    from qlmat.cli.services import start_broker
    from qlmat.connection import BrokerSettings

    with start_broker(None) as address:
        return see_broker(BrokerSettings(address.host, address.port), settings.mat.id)


def _about(settings: Settings, self_test: bool) -> dict[str, object]:
    from importlib.metadata import version

    from qlmat.doctor_probe import pi_model, versions

    libraries = {name: found for name, found in versions().items() if found is not None}
    mat = "emulated" if self_test else "this machine's"
    return {
        "qlmat": version("qlmat"),
        "hardware": mat,
        "model": pi_model(),
        "mat": settings.mat.id,
        "libraries": libraries,
    }
