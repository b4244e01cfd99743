"""The page's one password: kept as an argon2id hash in a file that only its owner can read."""

import contextlib
import os
import tempfile
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from qlmat.errors import ConfigError, UsageError

# OWASP's smallest argon2id (19 MiB, 2 passes, 1 lane): RFC 9106 would take 64 MiB, an eighth of a Pi Zero 2 W.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
LEAST, MOST = 8, 256  # characters


def usual_file() -> Path:
    """Say where the hash is kept when nobody says otherwise: ~/.config/qlmat/page.hash."""
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(home) / "qlmat" / "page.hash"


def write_hash(path: Path, password: str) -> None:
    """Keep the hash of a new password, mode 0600. Raises UsageError, ConfigError."""
    if not LEAST <= len(password) <= MOST:
        raise UsageError(f"A password has {LEAST} to {MOST} characters: choose a longer one, three words for instance.")
    text = HASHER.hash(password) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, new = tempfile.mkstemp(dir=path.parent)  # mode 0600 from the first moment
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(text)
            Path(new).replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                Path(new).unlink()
            raise
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({_why(error)}): choose another --login-file.") from error


def read_hash(path: Path) -> str:
    """Read the hash; raises ConfigError that says what to do when there is none or it is none of ours."""
    try:
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError as error:
        raise ConfigError(
            f"The page would be open to everybody who can reach this machine, and there is no password at {path}: "
            "set one with 'qlmat dashboard --set-password', or say --no-login on a network you trust."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: check its rights, or set the password again.") from error
    try:
        HASHER.check_needs_rehash(text)
    except InvalidHashError as error:
        raise ConfigError(f"{path}: holds no password hash: run 'qlmat dashboard --set-password' again.") from error
    return text


def matches(text: str, password: str) -> bool:
    """Tell whether a password is the one of the hash; takes some 20 ms and 19 MiB."""
    try:
        return HASHER.verify(text, password)
    except VerificationError:
        return False


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
