"""What a target is."""

from collections.abc import Callable
from typing import TypeAlias

Target: TypeAlias = Callable[[bytes], None]
