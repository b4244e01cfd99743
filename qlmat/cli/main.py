"""`qlmat`: one command a file, heavy imports only inside them, so that `qlmat --help` answers at once."""

import os
import sys
import traceback

import typer

from qlmat.cli import (
    calibrate,
    comfort,
    config,
    copies,
    course,
    cues,
    dashboard,
    demo,
    doctor,
    record,
    replay,
    report,
    run,
    screen,
    sessions,
    strengthen,
    topics,
    version,
    watch,
)
from qlmat.errors import QlmatError

TyperUsage: type[Exception] = typer.BadParameter.__base__ or Exception  # Typer exports only children of UsageError
os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # our matrices are tiny: its threads would only wait, and burn a core
INTERRUPTED = 130  # 128 + SIGINT, as shells expect

app = typer.Typer(
    name="qlmat",
    help="QL Mat guides pressure, pace and routine of self-massage with a ball on a pressure-sensing mat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.demo)
app.command("run")(run.run)
app.command("dashboard")(dashboard.dashboard)
app.command("watch")(watch.watch)
app.command("replay")(replay.replay)
app.command("record")(record.record)
app.command("sessions")(sessions.sessions)
app.add_typer(sessions.people_app, name="people")
app.command("export")(copies.export)
app.command("report")(report.report)
app.command("forget")(copies.forget)
app.command("tidy")(copies.tidy)
app.command("backup")(copies.backup)
app.command("restore")(copies.restore)
app.command("screen")(screen.screen)
app.command("comfort")(comfort.comfort)
app.command("course")(course.course)
app.command("strengthen")(strengthen.strengthen)
app.command("cues")(cues.cues)
app.command("calibrate")(calibrate.calibrate)
app.add_typer(config.app, name="config")
app.command("doctor")(doctor.doctor)
app.command("topics")(topics.topics)
app.command("version")(version.version)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code: 0 done, 1 failed, 2 wrong usage, configuration or input."""
    try:
        code = app(arguments, prog_name="qlmat", standalone_mode=False)
        sys.stdout.flush()
    except QlmatError as error:
        code = _say(str(error), error.exit_code)
    except TyperUsage as error:
        code = _say(_usage(error), 2) if str(error) else 2  # without words when the help was printed instead
    except (KeyboardInterrupt, typer.Abort):  # the second one is what older Typers make of it
        code = INTERRUPTED
    except BrokenPipeError:  # `qlmat replay --json | head`: whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except Exception as error:
        code = _say(f"{type(error).__name__}: {error}: this is a fault of qlmat: set QLMAT_DEBUG=1 and report it", 1)
    sys.exit(code if isinstance(code, int) else 0)


def _usage(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "qlmat"
    text = error.format_message() if hasattr(error, "format_message") else str(error)
    return f"{text.rstrip('.')}: see '{command} --help'"


def _say(message: str, code: int) -> int:
    """Print one line on standard error; with QLMAT_DEBUG=1 the traceback above it."""
    if os.environ.get("QLMAT_DEBUG") == "1":
        traceback.print_exc()
    typer.echo(typer.style("qlmat: ", fg="red", bold=True) + " ".join(message.split()), err=True)
    return code


if __name__ == "__main__":
    main()
