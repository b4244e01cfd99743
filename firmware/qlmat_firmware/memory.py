"""What the last results of a chip were, and which of the next could be mistaken for something else.

A silent bus gives 0 or -1, a lost pointer our own configuration, a lost start the result before it once more. Whatever
is about to look like one of these is measured the careful way beforehand.
"""

from qlmat_firmware.converter import Converter

NEAR_CODES = 32  # 4 mV: more than noise and a quick hand move a result within one pass
FAR_CODES = 512  # 64 mV: not even the motor's shaking moves a result so far between two scans


class Memory:
    """The last code of each input, by position, and `last_code`: what the result register holds, None if unknown."""

    def __init__(self, chip: Converter, inputs: int) -> None:
        self.last_code: int | None = None
        self._chip = chip
        self._codes: list[int | None] = [None] * inputs
        self._wordlike = [True] * inputs

    def keep(self, position: int, code: int) -> None:
        """Remember a result that was believed."""
        self.last_code = self._codes[position] = code
        self._wordlike[position] = self._chip.near_word(code, NEAR_CODES)

    def doubt(self, position: int) -> None:
        """Forget an input's result and what the register holds."""
        self.last_code = self._codes[position] = None

    def may_repeat(self, position: int) -> bool:
        """Say whether the next result of an input may be the same as that of the input before it."""
        code, before = self._codes[position], self._codes[position - 1]
        return self.last_code is None or code is None or before is None or abs(code - before) < NEAR_CODES

    def risky(self, position: int) -> bool:
        """Say whether the next result of an input may look doubtful though it is none."""
        code = self._codes[position]
        return code is None or abs(code) < NEAR_CODES or self._wordlike[position] or self.may_repeat(position)

    def foreign(self, position: int, code: int, code_now: int) -> bool:
        """Say whether a code cannot have been this input's, by what the input gave before and gives now."""
        before = self._codes[position]
        if before is None or abs(code - before) < FAR_CODES:
            return False
        return abs(code_now - before) < abs(code - before) / 4
