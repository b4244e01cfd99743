"""The targets by name. Each is made anew by its function, which opens what it needs."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from fuzz import bus, files, network
from fuzz.target import Target

TARGETS: Mapping[str, Callable[[], Target]] = MappingProxyType({
    "config": files.config,
    "calibration": files.calibration,
    "recording": files.recording,
    "chunks": files.chunks,
    "ring": files.ring,
    "person": files.person,
    "commands": network.commands,
    "messages": network.messages,
    "http": network.http,
    "bus": bus.anything,
    "chips": bus.spoilt,
})  # fmt: skip
