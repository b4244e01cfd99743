"""What a scan costs an arm64 processor, in instructions: `python -m bench.arm64 TREE`.

TREE is a debootstrapped arm64 Debian with this checkout and its environment in root/qlmat/.venv; `qemu-aarch64` (of
Debian's qemu-user) runs the tree's own Python with a plugin that counts instructions. Emulated time means nothing, so
none is told. Each piece of work is done for few and for many scans: the difference is the scans alone.

The estimate for a Pi Zero 2 W divides by what its four Cortex-A53 at 1 GHz may do per second on one core. How many
instructions of CPython an A53 completes a cycle was not measured by us: 0.4 to 0.8 is assumed for an in-order core that
could do 2.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FEW, MANY = 1000, 5000
CLOCK_HZ, IPC_LOW, IPC_HIGH = 1.0e9, 0.4, 0.8
RATE_HZ = 100.0
ABOUT = {
    "pipeline": "the pure pipeline: calibration to cue, six sensors",
    "messages": "the same and what is published of it, encoded: live at 10 Hz, state at 1 Hz",
    "mat": "the whole loop with sampler, driver and cues; the emulated chips' own work is in it, so it is too much",
}


def work(name: str, scans: int) -> None:
    """Do one piece of work for so many scans; runs in the emulated Python."""
    if name == "mat":
        _mat(scans)
        return
    from bench.pipeline import rocking_frames
    from qlmat.core.calibration import nominal_calibration
    from qlmat.core.pipeline import Pipeline
    from qlmat.core.plan import Plan
    from qlmat.payloads import encode
    from qlmat.pulse import Pulse
    from qlmat_firmware.board import BOARD_V1

    frames = rocking_frames()[:scans]
    if len(frames) < scans:
        raise SystemExit(f"there are only {len(frames)} frames")
    pipeline, pulse = Pipeline(BOARD_V1, nominal_calibration(BOARD_V1), Plan()), Pulse()
    for frame in frames:
        tick = pipeline.push(frame)
        if name == "messages":
            due = pulse.step(tick, frame)
            for payload in (due.state, due.live):
                if payload is not None:
                    encode(payload)


def _mat(scans: int) -> None:
    from qlmat.cli.daemon import Ending, run_mat
    from qlmat.cli.days import find_story
    from qlmat.cli.device import open_virtual
    from qlmat.config import parse
    from qlmat.sim.clock import VirtualClock
    from qlmat_firmware.board import BOARD_V1

    settings = parse(f'[bus]\nrate = "{RATE_HZ:g} Hz"\n', BOARD_V1, "bench")
    device = open_virtual(settings, find_story("demo").load(BOARD_V1), VirtualClock())
    stats = run_mat(settings, device, None, Ending(), until_s=scans / RATE_HZ)
    if abs(stats.frames - scans) > 0.02 * scans:
        raise SystemExit(f"{stats.frames} scans instead of {scans}")


def instructions(tree: Path, plugin: Path, name: str, scans: int) -> int:
    """Run one piece of work in the tree's Python and return the instructions it took in all."""
    qemu = shutil.which("qemu-aarch64")
    if qemu is None:
        raise SystemExit("qemu-aarch64 is missing: sudo apt install qemu-user (the static one takes no plugins)")
    checkout = tree / "root/qlmat"
    packages = next((checkout / ".venv/lib").glob("python3*/site-packages"))
    paths = os.pathsep.join(map(str, (checkout, checkout / "firmware", packages)))
    ended = subprocess.run(
        [
            qemu,
            "-L",
            tree,
            "-plugin",
            plugin,
            tree / "usr/bin/python3",
            "-m",
            "bench.arm64",
            "--work",
            name,
            str(scans),
        ],
        env={"PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0", "LANG": "C.UTF-8"},
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode != 0:
        raise SystemExit(ended.stderr)
    return int(ended.stderr.rsplit("instructions ", 1)[1])


def main() -> None:
    """Count and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("tree", type=Path, nargs="?", help="a debootstrapped arm64 tree with root/qlmat/.venv")
    options.add_argument("--work", nargs=2, metavar=("NAME", "SCANS"), help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.work:
        work(asked.work[0], int(asked.work[1]))
        return
    if asked.tree is None:
        options.error("give the tree")
    with tempfile.TemporaryDirectory() as folder:
        plugin = Path(folder) / "count.so"
        source = Path(__file__).with_name("arm64_count.c")
        subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-o", plugin, source], check=True)
        for name, about in ABOUT.items():
            instructions(asked.tree, plugin, name, FEW)  # Python keeps what it compiled for the runs that count
            few, many = (instructions(asked.tree, plugin, name, scans) for scans in (FEW, MANY))
            each = (many - few) / (MANY - FEW)
            shares = [each * RATE_HZ / (CLOCK_HZ * ipc) for ipc in (IPC_HIGH, IPC_LOW)]
            print(f"{name:<10}{each:>12,.0f} instructions a scan   {about}")
            load = f"{each * RATE_HZ / 1e6:.0f} million a second at {RATE_HZ:g} scans"
            start = f"start-up {(few - FEW * each) / 1e6:,.0f} million"
            print(f"{'':<10}{start}; {load}: {shares[0]:.1%} to {shares[1]:.1%} of a Zero 2 W core, estimated")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
