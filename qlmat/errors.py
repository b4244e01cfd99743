"""The errors a person may see. Each says what happened, where, and what to do; each knows its exit code."""

from typing import ClassVar


class QlmatError(Exception):
    """Something failed that the person at the terminal can read and mend. Exit code 1."""

    exit_code: ClassVar[int] = 1


class UsageError(QlmatError, ValueError):
    """The command line asks for something that cannot be; nothing was changed. Exit code 2."""

    exit_code: ClassVar[int] = 2


class ConfigError(QlmatError, ValueError):
    """The configuration cannot be used; nothing was changed. Exit code 2."""

    exit_code: ClassVar[int] = 2


class RecordingError(QlmatError, ValueError):
    """A recording or scenario cannot be read as it stands; nothing was changed. Exit code 2."""

    exit_code: ClassVar[int] = 2


class CalibrationError(QlmatError, ValueError):
    """What was measured gives no calibration that could be trusted; nothing was written."""


class BusError(QlmatError, OSError):
    """The I2C bus or a chip on it does not answer as it should."""


class PinError(QlmatError, OSError):
    """The GPIO pins of this machine cannot be reached."""


class BrokerError(QlmatError, ConnectionError):
    """The MQTT broker cannot be reached or refuses us."""


class PortTakenError(QlmatError, OSError):
    """Another program already listens on the address we were asked to use."""


class IllegalMoveError(QlmatError, RuntimeError):
    """The session was asked to make a move its table of edges does not hold; nothing was changed."""


class TimeBackwardsError(QlmatError, ValueError):
    """A value older than the state it should advance; nothing was changed."""


class StoreError(QlmatError, OSError):
    """What is kept on this machine cannot be read or written; nothing was half changed."""


class ReportError(QlmatError, RuntimeError):
    """The report cannot be made: something is not installed, or there is nothing to report."""
