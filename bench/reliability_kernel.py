"""Builds the kernel that obeys, `reliability_kernel.c`, and gives a program's environment in which it is the kernel."""

import os
import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("reliability_kernel.c")
GCC = shutil.which("gcc")


def build(folder: Path) -> Path:
    """Compile it into `folder`; return the library. Needs gcc and the kernel's headers."""
    assert GCC is not None, "gcc is not installed: sudo apt install gcc libc6-dev"
    library = folder / "kernel.so"
    command = [GCC, "-O1", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl"]
    subprocess.run(command, check=True)
    return library


def environment(library: Path) -> dict[str, str]:
    """Give our environment with the library before all others."""
    return os.environ | {"LD_PRELOAD": str(library), "OPENBLAS_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
