"""A rigid plate shares force among its feet by statics."""

from math import cos, radians, sin

import numpy as np
import pytest

from qlmat.core.model import Sensor
from qlmat.sim.pad import RigidPad
from qlmat_firmware.board import BOARD_V1

LEFT = [sensor for sensor in BOARD_V1.sensors if sensor.side == "left"]
PLACES = [(0.0, 0.0), (20.0, 0.0), (-12.0, 18.0), (0.0, -30.0)]


def split(pad: RigidPad, force_n: float, x_mm: float, y_mm: float) -> np.ndarray:
    return np.asarray(pad.split(np.array([force_n]), np.array([x_mm]), np.array([y_mm]))[0])


@pytest.mark.parametrize("place", PLACES)
def test_three_feet_carry_what_the_published_formula_says(place: tuple[float, float]) -> None:
    x, y = place
    angles = [radians(a) for a in (90, 210, 330)]
    expected = [100 / 3 * (1 + 2 * (x * cos(a) + y * sin(a)) / 70) for a in angles]
    assert split(RigidPad(LEFT), 100.0, x, y) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("place", PLACES)
def test_four_feet_carry_what_the_rectangle_formula_says(place: tuple[float, float]) -> None:
    corners = [(50, 35), (-50, 35), (-50, -35), (50, -35)]
    feet = [Sensor(f"f{k}", "left", *corner, 0x48, k) for k, corner in enumerate(corners)]
    x, y = place[0] / 2, place[1] / 2
    expected = [100 / 4 * (1 + x * fx / 50**2 + y * fy / 35**2) for fx, fy in corners]
    assert split(RigidPad(feet), 100.0, x, y) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("place", PLACES)
def test_force_and_centre_of_pressure_come_back_from_the_feet(place: tuple[float, float]) -> None:
    feet_n = split(RigidPad(LEFT), 80.0, *place)
    assert feet_n.sum() == pytest.approx(80.0)
    assert feet_n @ [foot.x_mm for foot in LEFT] / 80.0 == pytest.approx(place[0], abs=1e-9)
    assert feet_n @ [foot.y_mm for foot in LEFT] / 80.0 == pytest.approx(place[1], abs=1e-9)


def test_inside_35_mm_every_foot_is_loaded() -> None:
    angles = np.radians(np.arange(0, 360, 5))
    feet_n = RigidPad(LEFT).split(np.full(72, 100.0), 34.9 * np.cos(angles), 34.9 * np.sin(angles))
    assert feet_n.min() > 0.0


def test_beyond_the_triangle_a_foot_lifts_and_never_pulls() -> None:
    feet_n = split(RigidPad(LEFT), 100.0, 0.0, -40.0)
    assert feet_n[0] == 0.0
    assert feet_n.sum() == pytest.approx(100.0)
