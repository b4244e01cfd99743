"""The two sides by name. By itself, so that a page or a table can speak of sides without loading arrays."""

from typing import Literal

Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")
