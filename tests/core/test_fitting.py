"""A pad is fitted from weights: curves, creep and places come back, and the force with them."""

from dataclasses import replace

import numpy as np
import pytest

from qlmat.core.fitting import PadFit, centre_mm, fit_pad
from qlmat.core.fitting_checks import weigh
from qlmat.core.lag import lagging, trailed
from qlmat.core.model import Sensor
from qlmat.core.placements import Placement, Reading, crept, dragged, felt, shares

FEET = tuple(
    Sensor(f"left_{k + 1}", "left", x, y, 0x48, k) for k, (x, y) in enumerate([(0, 70), (-60.62, -35), (60.62, -35)])
)
NOMINAL_MM = np.array([[foot.x_mm, foot.y_mm] for foot in FEET])
BUILT_MM = NOMINAL_MM + np.array([[1.0, -1.5], [-1.0, 0.5], [0.5, 1.0]])
SCALE, FLOOR = np.array([14_000.0, 21_000.0, 17_000.0]), np.array([420.0, 600.0, 500.0])
EXPONENT, CREEP, REST_N = np.array([1.03, 0.97, 1.0]), np.array([0.03, 0.07, 0.05]), np.array([0.8, 1.5, 1.1])


LAG, REACH_N = np.array([0.05, 0.15, 0.2]), np.array([[20.0, 10.0, 15.0]])  # loops of 2, 3 and 6 N


def siemens(felt_n: np.ndarray) -> np.ndarray:
    shaped = 30 * (felt_n / 30) ** EXPONENT
    return shaped / (SCALE + FLOOR * shaped)


def weighed(hold: bool = True, lag: np.ndarray = LAG) -> list[Placement]:
    """Put weights on a pad without noise, a stack growing and shrinking at each place."""
    plan = [(0.0, 0.0, 0.0, 20.0, (19.5,))]
    for x, y in [*(NOMINAL_MM * 5 / 7).tolist(), (0.0, 0.0)]:
        plan += [(n, x, y, 8.0, (6.5,)) for n in (15.0, 60.0, 150.0, 60.0, 15.0)]
        plan.append((0.0, 0.0, 0.0, 10.0, ()))
    if hold:
        plan.append((150.0, 0.0, 0.0, 125.0, (4.5, 14.5, 39.5, 119.5)))
    placements, t_s = [], 0.0
    for force_n, x, y, lasts_s, read_s in plan:
        reads = tuple(Reading(t_s + at_s, (0.0, 0.0, 0.0)) for at_s in read_s)
        placements.append(Placement(t_s, t_s + lasts_s, force_n, x, y, reads, 0.01 * force_n + 0.1))
        t_s += lasts_s
    return with_readings(placements, lag)


def with_readings(placements: list[Placement], lag: np.ndarray = LAG) -> list[Placement]:
    places = np.array([[p.x_mm, p.y_mm] for p in placements])
    on_feet_n = np.array([p.force_n for p in placements])[:, None] * shares(BUILT_MM, places) + REST_N
    pointers_n = trailed(dragged(placements, on_feet_n, REST_N[None], REACH_N), on_feet_n, REACH_N)
    shown = iter(lagging(on_feet_n, pointers_n, lag))
    sums = iter(crept(placements, on_feet_n))
    found = []
    for p in placements:
        shown_n = next(shown)
        readings = tuple(Reading(r.t_s, tuple(siemens(felt(shown_n, next(sums), CREEP)).tolist())) for r in p.readings)
        found.append(replace(p, readings=readings))
    return found


def read(fit: PadFit, placements: list[Placement]) -> tuple[float, tuple[float, float]]:
    """Weigh the last reading of all: newtons and their centre in mm."""
    newtons = weigh(placements, fit)[-1].tolist()
    return sum(newtons), centre_mm(fit, newtons)


@pytest.mark.parametrize("place_mm", [(10.0, 0.0), (-20.0, 15.0), (0.0, -25.0)])
@pytest.mark.parametrize("force_n", [20.0, 60.0, 150.0, 200.0])
@pytest.mark.parametrize(("lag", "ratio", "apart_mm"), [(0 * LAG, 0.02, 1.0), (LAG, 0.03, 2.0)], ids=["no lag", "lag"])
def test_force_and_centre_come_back(
    lag: np.ndarray, ratio: float, apart_mm: float, force_n: float, place_mm: tuple[float, float]
) -> None:
    placements = weighed(lag=lag)
    fit = fit_pad(FEET, placements)
    end_s = placements[-1].off_s
    ups_and_down = [(200.0, *place_mm), (force_n, *place_mm)]
    more = [
        Placement(end_s + 60 + 8 * k, end_s + 68 + 8 * k, n, x, y, (Reading(end_s + 66 + 8 * k, (0.0,) * 3),))
        for k, (n, x, y) in enumerate(ups_and_down)
    ]
    weight_n, centre = read(fit, with_readings([*placements, *more], lag))
    assert weight_n == pytest.approx(force_n, rel=ratio)
    assert centre == pytest.approx(place_mm, abs=apart_mm)


def test_the_lag_of_each_sensor_is_told_from_stacks_that_grow_and_shrink() -> None:
    fit = fit_pad(FEET, weighed())
    loops_n = [2 * curve.lag_ratio * curve.lag_n for curve in fit.curves]
    assert loops_n == pytest.approx((2 * LAG * REACH_N[0]).tolist(), rel=0.25)


def test_the_creep_of_each_sensor_is_told_from_the_long_stand() -> None:
    fit = fit_pad(FEET, weighed())
    assert [curve.creep_per_decade for curve in fit.curves] == pytest.approx(CREEP.tolist(), abs=0.007)


def test_without_a_long_stand_the_creep_stays_near_the_usual() -> None:
    fit = fit_pad(FEET, weighed(hold=False))
    assert all(0.02 < curve.creep_per_decade < 0.07 for curve in fit.curves)


def test_one_wrong_weight_stands_out_in_what_remains() -> None:
    placements = weighed()
    wrong = next(k for k, p in enumerate(placements) if p.force_n == 60.0)
    placements[wrong] = replace(placements[wrong], force_n=120.0)
    fit = fit_pad(FEET, placements)
    first = sum(len(p.readings) for p in placements[:wrong])
    assert np.abs(fit.residual_log).mean(axis=1).argmax() == first


def test_a_plate_on_four_feet_is_fitted_too() -> None:
    corners = [(-40.0, -40.0), (40.0, -40.0), (40.0, 40.0), (-40.0, 40.0)]
    feet = tuple(Sensor(f"f{k}", "left", x, y, 0x48, k) for k, (x, y) in enumerate(corners))
    where = np.array([[x, y] for x, y in corners])
    placements = []
    for k, (x, y) in enumerate([(0.0, 0.0), *(0.5 * where).tolist()]):
        for step, force_n in enumerate((20.0, 50.0, 100.0)):
            on = force_n * shares(where, np.array([[x, y]]))[0] + 1.0
            t_s = 60.0 * k + 8.0 * step
            readings = (Reading(t_s + 6.0, tuple((on / (16_000.0 + 500.0 * on)).tolist())),)
            placements.append(Placement(t_s, t_s + 8.0, force_n, x, y, readings))
    fit = fit_pad(feet, placements)
    assert weigh(placements, fit)[2].sum() == pytest.approx(100.0, rel=0.08)


def test_nothing_read_is_refused() -> None:
    with pytest.raises(ValueError, match="Nothing was read"):
        fit_pad(FEET, [Placement(0.0, 1.0, 10.0, 0.0, 0.0)])
