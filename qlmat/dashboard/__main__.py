"""Run the page's server by itself: `python -m qlmat.dashboard --help`; `qlmat dashboard` becomes this program."""

import socket
import sys

from qlmat.dashboard.server import address, listen, serve
from qlmat.dashboard.settings import parser, settings_of
from qlmat.errors import QlmatError


def main() -> int:
    """Parse the command line and serve; 0 after a clean end, the error's exit code otherwise."""
    asked = parser().parse_args()
    try:
        settings = settings_of(asked)
        settings.login_hash()  # refused before anything listens
        if asked.listener is None:
            listener = listen(settings.host, settings.port)
            sys.stdout.write(
                f"Page     {address(listener, settings.certificate is not None)}\n"
                f"Broker   mqtt://{settings.broker}\nCtrl-C ends it.\n"
            )
            sys.stdout.flush()
        else:
            listener = socket.socket(fileno=asked.listener)
        serve(settings, listener, sys.stdin.fileno() if asked.end_with_stdin else None)
    except QlmatError as error:
        sys.stderr.write(f"qlmat: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
