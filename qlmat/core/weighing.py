"""Whether a mat still reads as it should: nothing where nothing is, and a known weight as what it is.

Only said, never changed: what mends it is a new zero or `qlmat calibrate`.
"""

from qlmat.core.contact import STARTUP_N as EMPTY_N  # what a plate alone may weigh on its feet
from qlmat.core.model import SIDES, Contacts, Side

OFF_RATIO, OFF_N = 0.15, 3.0  # a calibrated mat is within 6.3 % for 95 % of the time (bench.calibration)


def not_empty(contacts: Contacts) -> str | None:
    """Say which pad carries something, None when neither does.

    >>> from qlmat.core.model import NO_CONTACT, Contact
    >>> not_empty(Contacts(0.0, Contact(82.4, None, True), NO_CONTACT))
    "the left pad reads 82 N: take everything off it; if nothing is on it, send 'tare'"
    """
    for side in SIDES:
        force_n = contacts.of(side).force_n
        if force_n is None:
            return _unread(side)
        if force_n > EMPTY_N:
            return f"the {side} pad reads {force_n:.0f} N: take everything off it; if nothing is on it, send 'tare'"
    return None


def reads_off(contacts: Contacts, side: Side | None, weight_n: float) -> str | None:
    """Say how far a pad is off under a known weight, None when it reads it; without `side` the heavier pad.

    >>> from qlmat.core.model import NO_CONTACT, Contact
    >>> reads_off(Contacts(0.0, Contact(14.2, None, True), NO_CONTACT), None, 15.0)
    >>> reads_off(Contacts(0.0, Contact(9.8, None, True), NO_CONTACT), "left", 15.0)
    "the left pad reads 9.8 N under 15.0 N: put the weight in its middle, else calibrate it with 'qlmat calibrate'"
    """
    heavier: Side = "left" if (contacts.left.force_n or 0.0) >= (contacts.right.force_n or 0.0) else "right"
    chosen = heavier if side is None else side
    force_n = contacts.of(chosen).force_n
    if force_n is None:
        return _unread(chosen)
    if abs(force_n - weight_n) <= max(OFF_N, OFF_RATIO * weight_n):
        return None
    return (
        f"the {chosen} pad reads {force_n:.1f} N under {weight_n:.1f} N: "
        "put the weight in its middle, else calibrate it with 'qlmat calibrate'"
    )


def _unread(side: Side) -> str:
    return f"the {side} pad cannot be read: run 'qlmat doctor'"
