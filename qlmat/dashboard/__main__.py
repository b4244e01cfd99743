"""Run the page's server by itself: `python -m qlmat.dashboard --help`."""

import argparse
import socket
import sys

from qlmat.dashboard.server import serve
from qlmat.errors import QlmatError


def main() -> int:
    """Parse the command line and serve; 0 after a clean end, the error's exit code otherwise."""
    parser = argparse.ArgumentParser(prog="python -m qlmat.dashboard", description="Serve the live page of all mats.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: only this machine)")
    parser.add_argument("--port", type=int, help="port to listen on (default: 8000, or a free one if it is taken)")
    parser.add_argument("--broker-host", default="127.0.0.1")
    parser.add_argument("--broker-port", type=int, default=1883)
    parser.add_argument("--root", default="qlmat", help="first part of every topic")
    parser.add_argument("--listener", type=int, help="file descriptor of a socket that listens already")
    parser.add_argument("--end-with-stdin", action="store_true", help="end when standard input does")
    asked = parser.parse_args()
    try:
        serve(
            asked.host,
            asked.port,
            asked.broker_host,
            asked.broker_port,
            asked.root,
            listener=None if asked.listener is None else socket.socket(fileno=asked.listener),
            parent_fd=sys.stdin.fileno() if asked.end_with_stdin else None,
        )
    except QlmatError as error:
        sys.stderr.write(f"qlmat: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
