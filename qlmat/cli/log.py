"""The log of the commands that run for long: one line a change, on standard error."""

import logging


def log_to_stderr(quiet: bool = False) -> None:
    """Log state changes at info, or warnings only if `quiet`; libraries only when something is wrong."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    for name in ("qlmat", "qlmat_firmware"):
        logging.getLogger(name).setLevel(logging.WARNING if quiet else logging.INFO)
