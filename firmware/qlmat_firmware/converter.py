"""One ADS1115 or ADS1015 on the bus: start a single shot, fetch its result, and read back what proves them.

A start is a write of 38 bits, a fetch or a check a write and read of 48; the two joined take 85.
"""

from collections.abc import Callable
from typing import NoReturn, Protocol, cast

from qlmat.core.model import Chip
from qlmat.ports import Clock
from qlmat_firmware.conversion import (
    ALTERNATING,
    CONFIG,
    CONFIG_RESET,
    CONVERSION,
    LO_THRESH,
    LO_THRESH_RESET,
    LOWEST_CODE,
    READY,
    config_word,
    marker,
    part_rate_sps,
)
from qlmat_firmware.i2c import I2C, Message
from qlmat_firmware.trouble import GarbledError

BITS_AFTER_START = 48  # of a joined transfer: its start takes effect before the fetch crosses the bus
AT_ONCE_S = 1e-4  # four times the wake-up
GENERAL_CALL, RESET_ALL = 0x00, b"\x06"


class Joins(Protocol):
    """A bus that can run several messages as one transfer; `LinuxI2C` and the virtual bus can."""

    def transfer(self, *messages: Message) -> bytes:
        """Run the messages joined by repeated starts, return what was read."""
        ...


class Converter:
    """One chip. Every transfer may raise OSError; what a chip answers wrongly is GarbledError, which is one.

    `address` is where it answers (`where` as people write it), `number` (0 to 3) which of our chips it is, `others` are
    the rest. `acked_s` is a moment at which the last start had certainly taken effect, `begun_s` one at which it had
    not.
    """

    def __init__(self, i2c: I2C, clock: Clock, chip: Chip, number: int, wanted_sps: int) -> None:
        self.address = chip.address
        self.number = number
        self.where = f"{chip.address:#x}"
        self.twelve_bits = chip.part == "ads1015"
        self.rate_sps = part_rate_sps(chip.part, wanted_sps)
        self.marker = marker(chip.address)
        self.others: tuple[Converter, ...] = ()
        self.begun_s = self.acked_s = 0.0
        self._i2c = i2c
        self._now_s: Callable[[], float] = clock.now_s
        self._words = [config_word(chip.part, input_, self.rate_sps, number) for input_ in range(4)]
        self._alternating = 0
        self._word = self._words[0]
        self._out = bytearray(CONFIG + b"\x00\x00")
        self._in = bytearray(2)

    # --- one sample ---

    def start(self, input_: int) -> None:
        """Start converting one input; it takes effect only if the chip is idle."""
        self._compose(input_)
        self.begun_s = self._now_s()
        self._i2c.writeto(self.address, self._out)
        self.acked_s = self._now_s()

    def fetch(self) -> int:
        """Read the last finished result, a signed code."""
        return _signed(self._register(CONVERSION))

    def start_and_fetch(self, input_: int, shortest_bit_s: float) -> int:
        """Start converting one input, then read the result of the conversion before, in one transfer."""
        self._compose(input_)
        bus = cast(Joins, self._i2c)  # the planner asked `can_join`
        self.begun_s = self._now_s()
        high, low = bus.transfer((self.address, bytes(self._out)), (self.address, CONVERSION), (self.address, 2))
        self.acked_s = self._now_s() - BITS_AFTER_START * shortest_bit_s
        return _signed(high << 8 | low)

    def _compose(self, input_: int) -> None:
        self._alternating ^= ALTERNATING
        self._word = word = self._words[input_] | self._alternating
        self._out[1], self._out[2] = word >> 8, word & 0xFF

    def _register(self, pointer: bytes) -> int:
        answer = self._in
        self._i2c.writeto_then_readfrom(self.address, pointer, answer)
        return answer[0] << 8 | answer[1]

    # --- what proves it ---

    def idle(self) -> bool:
        """Read the configuration back: whether no conversion runs. Raises GarbledError unless it is the one written.

        The MUX and the alternating bit prove that the last start arrived, the number that this is our chip.
        """
        word = self._register(CONFIG)
        if word | READY != self._word:
            raise GarbledError(self.misread(word, CONFIG))
        return bool(word & READY)

    def busy(self) -> bool:
        """Say whether the start just made had an effect; a chip may still read "idle" while it wakes up."""
        return not self.idle() or (self._now_s() - self.acked_s < AT_ONCE_S and not self.idle())

    def confirm(self) -> None:
        """Read the marker back: this is our chip and it was not reset. Raises GarbledError otherwise."""
        word = self._register(LO_THRESH)
        if word != self.marker:
            raise GarbledError(self.misread(word))

    def mark(self) -> bool:
        """Leave the marker in the chip; False if it does not keep it. Raises GarbledError if it answers nonsense."""
        self._i2c.writeto(self.address, LO_THRESH + self.marker.to_bytes(2, "big"))
        word = self._register(LO_THRESH)
        if word not in (self.marker, LO_THRESH_RESET):
            raise GarbledError(self.misread(word))
        return word == self.marker

    def read_marker(self) -> int:
        """Read whatever marker is there."""
        return self._register(LO_THRESH)

    def rest(self) -> None:
        """Set the chip up without starting it."""
        self._compose(0)
        self._word &= ~READY
        self._out[1] &= 0x7F
        self._i2c.writeto(self.address, self._out)
        self._word |= READY

    def can_join(self) -> bool:
        """Try a joined transfer: set the chip up and read that back. Some controllers and some stand-ins cannot."""
        transfer = getattr(self._i2c, "transfer", None)
        if transfer is None:
            return False
        self._compose(0)
        quiet = bytes((CONFIG[0], self._out[1] & 0x7F, self._out[2]))
        try:
            answer = transfer((self.address, quiet), (self.address, CONFIG), (self.address, 2))
        except (OSError, TypeError, ValueError, NotImplementedError):
            return False
        return len(answer) == 2 and int.from_bytes(answer, "big") | READY == self._word

    def believable(self, code: int) -> bool:
        """Say whether a code can be a result at all: not far below zero, no more bits than the part has."""
        return code >= LOWEST_CODE and not (self.twelve_bits and code & 0xF)

    def reject(self, code: int) -> NoReturn:
        """Raise GarbledError for a code that is not believable."""
        raise GarbledError("lost_pointer" if code & 0xFFFF in (self._word, self.marker) else "garbled")

    def near_word(self, code: int, distance: int) -> bool:
        """Say whether a code is about what the configuration register reads during a conversion."""
        return any(abs(code - (word & ~READY)) < distance for word in self._words)

    def doubtful(self, code: int) -> bool:
        """Say whether a code is what a silent bus or the wrong register would give, though it may be a result."""
        return code in (0, -1) or code | READY == self._word

    def misread(self, word: int, asked: bytes = LO_THRESH) -> str:
        """Name what a wrong answer to a check of one register looks like."""
        if word in (0x0000, 0xFFFF):
            return "stuck"
        if word in (LO_THRESH_RESET, CONFIG_RESET, CONFIG_RESET & ~READY):
            return "reset"
        if any(word == other.marker or word | READY in other.words for other in self.others):
            return "swapped"
        if word == self.marker or (asked == LO_THRESH and word | READY in self.words):
            return "lost_pointer"
        return "lost_start" if word | READY in self.words else "garbled"

    @property
    def words(self) -> tuple[int, ...]:
        """Every configuration we may have written to this chip."""
        return tuple(word | bit for word in self._words for bit in (0, ALTERNATING))


def reset_all(i2c: I2C) -> None:
    """Reset every ADS1x15 on the bus, and whatever else obeys a general call: only when a person asks for it."""
    i2c.writeto(GENERAL_CALL, RESET_ALL)


def _signed(word: int) -> int:
    return word - 0x10000 if word & 0x8000 else word
