"""`qlmat version`: what is installed."""

from typing import Annotated

import typer


def version(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="All that a report of a problem needs.")] = False,
) -> None:
    """Print the version of QL Mat and of the Python that runs it."""
    import platform
    from importlib.metadata import version as version_of

    print(f"qlmat {version_of('qlmat')} (Python {platform.python_version()}, {platform.system()} {platform.machine()})")
    if verbose:
        _print_rest()


def _print_rest() -> None:
    import os
    import platform
    import sqlite3
    import ssl
    import sys
    from pathlib import Path

    from qlmat.doctor_probe import pi_model, versions
    from qlmat_firmware.checks import see_pin_library

    made = {name: str(found or "missing") for name, found in versions().items()}
    rows = {
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", "?")
        if Path("/etc/os-release").exists()
        else "?",
        "kernel": platform.release(),
        "board": pi_model() or "no Raspberry Pi",
        "installed in": str(Path(__file__).parents[2]),
        "python": f"{sys.executable} ({'environment' if sys.prefix != sys.base_prefix else 'system'})",
        "sqlite": sqlite3.sqlite_version,
        "tls": ssl.OPENSSL_VERSION,
        "lgpio": see_pin_library(),
        "pin factory": os.environ.get("GPIOZERO_PIN_FACTORY", "chosen by gpiozero"),
        **made,
    }
    for name, said in rows.items():
        print(f"{name:<31}{said}")
