"""The analogue front end in SPICE: `python -m bench.analogue [--out DIR] [--json FILE]` prints a table, draws plots.

Volts against force with the tolerances of the parts, bandwidth of the filter, what a 10 mV rail change does, current
through a sensor, and the motor's turn-off with and without its diode. Nothing here was measured on a bench.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from bench.analogue_spice import netlist, simulate, without
from qlmat.core.calibration import Curve
from qlmat.core.model import FloatArray

SEED = 5  # fixed: the same parts every time
PARTS = 200
SPREAD, RESISTOR_RATIO, RAIL_V = 0.20, 0.01, 3.3  # one sigma of a mixed batch; 1 % as a hard limit
FORCES_N = (5.0, 20.0, 50.0, 100.0, 200.0)
RAIL_CHANGE_V = 0.010
MOTOR_HZ = 175.0
PIN_LEAKAGE_A = 1e-6  # of a floating GPIO, generous
FULL_N = 400.0


def divider(rm_ohm: float = 1000.0, rail_v: float = RAIL_V) -> FloatArray:
    """Sweep one foot from 1 to 400 N: (400, 3) newtons, volts, amperes through the sensor."""
    text = netlist("divider", RM=f"{rm_ohm:g}", Vrail=f"{rail_v:g}")
    swept = simulate(text, "dc Vforce 1 400 1", "v(sense)", "i(Vrail)")
    return np.column_stack([swept[:, 0], swept[:, 1], -swept[:, 2]])


def many_dividers(parts: int = PARTS, seed: int = SEED) -> FloatArray:
    """Sweep many feet at once, each of its own parts: (points, 1 + parts), newtons and volts."""
    rng = np.random.default_rng(seed)
    lines = ["QL Mat: many dividers", "Vforce force 0 30", f"Vrail rail 0 {RAIL_V}"]
    for k in range(parts):
        gain = np.exp(rng.normal(0.0, SPREAD))
        scale, floor = Curve().scale_ohm_n / gain, Curve().floor_ohm / gain
        rm = 1000.0 * (1.0 + rng.uniform(-RESISTOR_RATIO, RESISTOR_RATIO))
        lines += [
            f"B{k} rail s{k} I = V(rail,s{k}) / ({scale:.6g} / max(V(force), 1m) + {floor:.6g})",
            f"R{k} s{k} 0 {rm:.6g}",
            f"RIN{k} s{k} 0 6meg",
        ]
    text = "\n".join([*lines, ".end", ""])
    return simulate(text, "dc Vforce 1 301 4", *[f"v(s{k})" for k in range(parts)])


def bandwidth(force_n: float) -> tuple[FloatArray, float, float]:
    """Give (hertz, share passed), the corner frequency, and the share of the motor's vibration that passes."""
    rfsr = Curve().scale_ohm_n / force_n + Curve().floor_ohm
    text = netlist("filter").replace("rfsr=1065", f"rfsr={rfsr:.6g}")
    swept = simulate(text, "ac dec 100 0.1 1k", "v(sense)")
    share = swept[:, 1] / swept[0, 1]
    corner_hz = float(np.interp(-np.sqrt(0.5), -share, swept[:, 0]))
    return np.column_stack([swept[:, 0], share]), corner_hz, float(np.interp(MOTOR_HZ, swept[:, 0], share))


def read_back(volts: FloatArray, rail_v: float, rm_ohm: float) -> FloatArray:
    """Turn volts into newtons by the published curve, taking the rail for `rail_v`."""
    ohm = rm_ohm * (rail_v - volts) / volts
    return np.asarray(Curve().scale_ohm_n / np.maximum(ohm - Curve().floor_ohm, 1.0))


def rail_error(rm_ohm: float, ratiometric: bool) -> FloatArray:
    """Give newtons read over newtons, less 1, when the rail is 10 mV low: (400,) for 1 to 400 N."""
    low = divider(rm_ohm, RAIL_V - RAIL_CHANGE_V)
    taken_v = RAIL_V - RAIL_CHANGE_V if ratiometric else RAIL_V
    return read_back(low[:, 1], taken_v, rm_ohm) / low[:, 0] - 1.0


def motor(diode: bool = True) -> FloatArray:
    """Switch the motor on at 1 ms and off at 6 ms: (points, 4) seconds, drain volts, gate volts, motor amperes."""
    text = netlist("motor") if diode else without(netlist("motor"), "D1")
    return simulate(text, "tran 0.5u 7m", "v(low)", "v(gate)", "i(LMOTOR)")


def floating_gate_v() -> float:
    """Give the gate's volts while nobody drives the pin and it leaks 1 uA into the circuit."""
    text = without(netlist("motor"), "Vgpio").replace(".end", f"Ileak 0 gpio {PIN_LEAKAGE_A}\n.end")
    return float(simulate(text, "tran 1u 2m", "v(gate)")[-1, 1])


def figures() -> dict[str, Any]:
    """Run everything; return the figures under plain names."""
    one, many = divider(), many_dividers()
    on, bare = motor(), motor(diode=False)
    at = {f: int(f) - 1 for f in FORCES_N}
    rail = {"1 kOhm, rail read": rail_error(1000.0, True), "1 kOhm": rail_error(1000.0, False)}
    rail["10 kOhm"] = rail_error(10_000.0, False)
    off = on[:, 0] > 6e-3
    return {
        "volts": {f"{f:.0f} N": float(one[at[f], 1]) for f in FORCES_N},
        "volts_p5_p95": {f"{f:.0f} N": _band(many, f) for f in FORCES_N},
        "sensor_ma": {f"{f:.0f} N": 1e3 * float(one[at[f], 2]) for f in FORCES_N},
        "sensor_ma_at_full": 1e3 * float(one[int(FULL_N) - 1, 2]),
        "corner_hz": {f"{f:.0f} N": bandwidth(f)[1] for f in FORCES_N},
        "motor_vibration_passed": {f"{f:.0f} N": bandwidth(f)[2] for f in FORCES_N},
        "rail_10_mv_low": {name: {f"{f:.0f} N": float(error[at[f]]) for f in FORCES_N} for name, error in rail.items()},
        "motor_running_ma": 1e3 * float(np.interp(5.9e-3, on[:, 0], on[:, 3])),
        "drain_peak_v": float(on[:, 1].max()),
        "drain_peak_v_without_diode": float(bare[:, 1].max()),
        "motor_off_in_us": 1e6 * _fallen_s(on[off]),
        "floating_gate_v": floating_gate_v(),
    }


def _band(many: FloatArray, force_n: float) -> tuple[float, float]:
    volts = [np.interp(force_n, many[:, 0], column) for column in many[:, 1:].T]
    low, high = np.percentile(volts, [5, 95])
    return float(low), float(high)


def _fallen_s(off: FloatArray) -> float:
    """Give the time until the motor's current is a tenth of what it was."""
    below = off[:, 3] < 0.1 * off[0, 3]
    return float(off[below.argmax(), 0] - 6.0e-3)


def show(found: dict[str, Any]) -> None:
    """Print the table for people."""
    names = [f"{f:.0f} N" for f in FORCES_N]
    print(f"{'on one foot':<34}" + "".join(f"{name:>13}" for name in names))

    def row(label: str, cells: list[str]) -> None:
        print(f"{label:<34}" + "".join(f"{cell:>13}" for cell in cells))

    row("volts, nominal", [f"{found['volts'][n]:.3f}" for n in names])
    row(f"  90 % of parts (spread {SPREAD:.0%})", ["{:.2f}-{:.2f}".format(*found["volts_p5_p95"][n]) for n in names])
    row("current through the sensor, mA", [f"{found['sensor_ma'][n]:.2f}" for n in names])
    row("filter corner, Hz", [f"{found['corner_hz'][n]:.1f}" for n in names])
    row("passes of the motor's 175 Hz", [f"{found['motor_vibration_passed'][n]:.0%}" for n in names])
    for name, errors in found["rail_10_mv_low"].items():
        row(f"rail 10 mV low, {name}", [f"{errors[n]:+.1%}" for n in names])
    print(
        f"motor {found['motor_running_ma']:.0f} mA; off in {found['motor_off_in_us']:.0f} us; drain peaks at "
        f"{found['drain_peak_v']:.2f} V ({found['drain_peak_v_without_diode']:.0f} V without D1); "
        f"gate {1e3 * found['floating_gate_v']:.0f} mV while the pin floats"
    )


def main(arguments: list[str] | None = None) -> int:
    """Run, print and draw."""
    parser = argparse.ArgumentParser(prog="python -m bench.analogue", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("out"), metavar="DIR", help="where the plots go")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    options = parser.parse_args(arguments)
    found = figures()
    show(found)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    from bench.analogue_plots import draw

    options.out.mkdir(parents=True, exist_ok=True)
    print("drawn:", draw(options.out / "analogue.png"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
