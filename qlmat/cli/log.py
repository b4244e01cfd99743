"""The log of the commands that run for long: one line a change, on standard error."""

import logging


def log_to_stderr() -> None:
    """Log state changes at info; libraries only when something is wrong."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("qlmat").setLevel(logging.INFO)
    logging.getLogger("qlmat_firmware").setLevel(logging.INFO)
