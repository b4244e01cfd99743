"""A quarter of an hour on two pads: true loads, and what creeping, warming, noisy sensors show of them.

The disturbances are those of the cadence facts, section 6: 15 minutes a seed, 100 frames a second, a thermal walk of
+-1.2 N a sensor, creep of 2 to 8 % a decade, 3 % left after a release, noise, spikes of one or two samples; taps, light
loads of 6 to 12 N, loads of up to 240 s.
"""

from dataclasses import dataclass

import numpy as np

from qlmat.core.model import SIDES, Board, Chip, FloatArray, Sensor

RATE_HZ = 100.0
LENGTH_S = 900.0
REACH_MM = 25.0
CIRCLE_MM = 70.0


def board_with(feet: int) -> Board:
    """Build two pads of `feet` feet each on a circle of 70 mm."""
    angles = [np.pi / 2 + 2 * np.pi * foot / feet for foot in range(feet)]
    sensors = tuple(
        Sensor(f"{side}_{i + 1}", side, CIRCLE_MM * float(np.cos(a)), CIRCLE_MM * float(np.sin(a)), 0x48 + pad, i)
        for pad, side in enumerate(SIDES)
        for i, a in enumerate(angles)
    )
    return Board(chips=(Chip(0x48, rail_input=None), Chip(0x49, rail_input=None)), sensors=sensors)


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One generated quarter of an hour: newtons (frames, sensors); true load_n (frames, 2), cop_mm (frames, 2, 2).

    `creep_per_decade`: (sensors,), how the sensors were drawn; no detector sees it.
    """

    t_s: FloatArray
    newtons: FloatArray
    load_n: FloatArray
    cop_mm: FloatArray
    creep_per_decade: FloatArray


def generate(board: Board, rng: np.random.Generator) -> Record:
    """Draw one record: true loads on two pads, then what creeping, warming, noisy sensors make of them."""
    t_s = np.arange(round(LENGTH_S * RATE_HZ)) / RATE_HZ
    load_n, cop_mm = _loads(t_s, rng)
    newtons, creep = np.empty((len(t_s), len(board.sensors))), np.empty(len(board.sensors))
    feet = len(board.sensors) // 2
    for index, sensor in enumerate(board.sensors):
        pad = SIDES.index(sensor.side)
        place = cop_mm[:, pad] @ (sensor.x_mm, sensor.y_mm) / CIRCLE_MM**2
        share = load_n[:, pad] / feet * (1 + 2 * place)
        creep[index] = rng.uniform(0.02, 0.08)
        newtons[:, index] = disturbed(np.maximum(share, 0.0), float(creep[index]), rng)
    return Record(t_s, newtons, load_n, cop_mm, creep)


def _loads(t_s: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    load_n, cop_mm = np.zeros((len(t_s), 2)), np.zeros((len(t_s), 2, 2))
    begin_s = rng.uniform(2, 10)
    while begin_s < LENGTH_S - 10:
        kind = rng.choice(["tap", "light", "work", "long"], p=[0.25, 0.25, 0.35, 0.15])
        low_s, high_s = {"tap": (0.25, 0.6), "light": (2, 30), "work": (5, 60), "long": (60, 240)}[kind]
        low_n, high_n = {"tap": (20, 60), "light": (6, 12), "work": (40, 200), "long": (6, 200)}[kind]
        last_s = min(rng.uniform(low_s, high_s), LENGTH_S - 5 - begin_s)
        pad, newtons = rng.integers(2), rng.uniform(low_n, high_n)
        rise_s, fall_s = rng.uniform(0.03, 0.1 if kind == "tap" else 0.5, 2)
        since_s, left_s = t_s - begin_s, begin_s + last_s - t_s
        shape = np.clip(since_s / rise_s, 0, 1) * np.clip(left_s / fall_s, 0, 1)
        on = shape > 0
        cadence_hz, swing_mm = rng.uniform(0.1, 0.5), rng.uniform(0, 12)
        turn = np.sin(2 * np.pi * cadence_hz * since_s[on])
        sway = 1 + (0.0 if kind == "light" else 0.15) * turn
        load_n[on, pad] = newtons * shape[on] * sway
        angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0, REACH_MM - 12)
        cop_mm[on, pad, 0] = reach * np.cos(angle) + swing_mm * turn
        cop_mm[on, pad, 1] = reach * np.sin(angle)
        begin_s += last_s + rng.uniform(3, 40)
    return load_n, cop_mm


def disturbed(load_n: FloatArray, decade: float, rng: np.random.Generator) -> FloatArray:
    """Give what one sensor shows of (frames,) in N: creep, residue, warming, noise and spikes on top."""
    n, dt = len(load_n), 1 / RATE_HZ
    crept = load_n * (1 + decade * np.log10(1 + _loaded_s(load_n, dt)))
    residue = 0.03 * _afterglow(load_n, dt)
    walk = np.cumsum(rng.normal(0, 1, n))
    walk -= walk[0]
    walk *= 1.2 / max(1e-9, np.abs(walk).max())
    noise = rng.normal(0, 1, n) * (0.05 + 0.005 * load_n)
    out = crept + residue + walk + noise + rng.uniform(1, 3)
    spikes = rng.random(n) < 0.02 * dt * 10
    out[spikes] += rng.choice([-1, 1], spikes.sum()) * rng.uniform(10, 80, spikes.sum())
    twice = np.flatnonzero(spikes)[::3] + 1
    out[twice[twice < n]] += rng.uniform(10, 80)
    return out


def _loaded_s(load_n: FloatArray, dt: float) -> FloatArray:
    """Seconds since the load now on the sensor came, 0 where there is none."""
    ticks = np.arange(len(load_n))
    return np.asarray((ticks - np.maximum.accumulate(np.where(load_n > 0.1, 0, ticks))) * dt)


def _afterglow(load_n: FloatArray, dt: float) -> FloatArray:
    """What a sensor keeps of a load once it is gone: all of it at first, less with the logarithm of time."""
    glow, level, gone_s = np.zeros(len(load_n)), 0.0, 0.0
    for i, load in enumerate(load_n.tolist()):
        if load > 1.0:
            level, gone_s = max(load, glow[i - 1] if gone_s else level), 0.0
        elif level:
            gone_s += dt
            glow[i] = level * max(0.0, 1 - np.log10(1 + gone_s) / 2.5)
            level = level if glow[i] else 0.0
    return glow
