"""A pad tells what rests on it, however its sensors drift, creep, spike or fail."""

from math import hypot, nan, pi, sin

import numpy as np
import pytest

from bench.cadence_required import CONTACT, MOVEMENT, required
from bench.contact import ours, score
from bench.contact_calibration import compensated, fitted, placed, weighed
from bench.contact_records import Record, board_with, generate
from qlmat.core.contact import ContactDetector
from qlmat.core.fitting import PadFit
from qlmat.core.model import Board, Contact, Forces
from tests.core.pads import BOARD, NONE, Ball, frames, newtons


def run(detector: ContactDetector, forces: list[Forces]) -> list[Contact]:
    return [detector.step(each).left for each in forces]


def rested(detector: ContactDetector, seconds: float = 1.0) -> ContactDetector:
    run(detector, list(frames(seconds, lambda t_s: NONE, start_s=-seconds)))
    return detector


def one_foot(t_s: float, foot: int, force_n: float) -> Forces:
    each_n = np.zeros(6)
    each_n[foot] = force_n
    return Forces(t_s, each_n)


def steady(t_s: float) -> Ball:
    return (60.0, 12.0, -9.0)


def test_force_and_centre_of_a_ball_are_those_of_the_ball() -> None:
    contact = run(rested(ContactDetector(BOARD)), list(frames(1.0, steady)))[-1]
    assert contact.force_n == pytest.approx(60.0, abs=0.5)
    assert contact.cop_mm == pytest.approx((12.0, -9.0), abs=0.5)


@pytest.mark.parametrize("rate_hz", [10.0, 15.0, 50.0, 200.0, 1000.0])
def test_a_ball_put_down_touches_within_150_ms_at_any_rate_of_ten_or_more(rate_hz: float) -> None:
    detector = rested(ContactDetector(BOARD))
    contacts = run(detector, list(frames(1.0, steady, rate_hz)))
    delay_s = [contact.touching for contact in contacts].index(True) / rate_hz
    assert 0.0 < delay_s <= 0.15


def test_one_frame_a_second_touches_at_the_second_frame() -> None:
    detector = ContactDetector(BOARD)
    run(detector, list(frames(6.0, lambda t_s: NONE, 1.0, start_s=-6.0)))
    assert [contact.touching for contact in run(detector, list(frames(3.0, steady, 1.0)))] == [False, True, True]


@pytest.mark.parametrize("rate_hz", [25.0, 50.0, 100.0])
def test_a_load_that_all_feet_tell_of_touches_at_its_second_frame(rate_hz: float) -> None:
    detector = rested(ContactDetector(BOARD))
    contacts = run(detector, list(frames(3 / rate_hz, lambda t_s: (6.0, 12.0, -9.0), rate_hz)))
    assert [contact.touching for contact in contacts] == [False, True, True]


def test_a_load_that_rises_slowly_on_all_feet_touches_before_it_is_whole() -> None:
    detector = rested(ContactDetector(BOARD))
    contacts = run(detector, list(frames(0.5, lambda t_s: (12.0 * t_s, 0.0, 0.0), 100.0)))
    assert [contact.touching for contact in contacts].index(True) / 100.0 <= 0.25  # 3 N


def test_a_load_on_one_foot_alone_touches_once_no_spike_lasts_that_long() -> None:
    detector = rested(ContactDetector(BOARD))
    contacts = run(detector, [one_foot(k / 100.0, 1, 60.0) for k in range(6)])
    assert [contact.touching for contact in contacts] == [False, False, False, False, True, True]


@pytest.mark.parametrize("foot", [0, 1, 2])
@pytest.mark.parametrize("spike_n", [5.0, 80.0, 1000.0])
def test_a_spike_of_two_scans_on_one_foot_is_no_contact(foot: int, spike_n: float) -> None:
    detector = rested(ContactDetector(BOARD))
    forces = [one_foot(k / 100.0, foot, spike_n if k in (50, 51) else 0.0) for k in range(100)]
    assert not any(contact.touching for contact in run(detector, forces))


def test_a_spike_of_two_scans_over_what_lingers_after_a_load_is_no_contact() -> None:
    detector = rested(ContactDetector(BOARD))
    run(detector, list(frames(60.0, lambda t_s: (200.0, 0.0, 0.0))))
    run(detector, list(frames(3.0, lambda t_s: (4.0, 0.0, 0.0), 100.0, start_s=60.0)))
    forces = [Forces(63.0 + k / 100.0, newtons((4.0, 0.0, 0.0))) for k in range(20)]
    for each in forces[10:12]:
        each.newtons[0] += 80.0
    assert not any(contact.touching for contact in run(detector, forces))


def test_a_spike_of_two_scans_on_a_load_that_is_none_yet_is_no_contact() -> None:
    detector = rested(ContactDetector(BOARD))
    forces = [Forces(k / 100.0, newtons((0.9, 0.0, 0.0))) for k in range(20)]
    for each in forces[2:4]:
        each.newtons[0] += 60.0
    assert not any(contact.touching for contact in run(detector, forces))


def test_a_spike_of_two_scans_on_a_pad_of_one_foot_is_no_contact() -> None:
    board = type(BOARD)(chips=BOARD.chips[:1], sensors=BOARD.sensors[:1])
    forces = [Forces(k / 100.0, np.array([80.0 if k in (50, 51) else 0.0])) for k in range(100)]
    assert not any(contact.touching for contact in run(ContactDetector(board), forces))


def test_hum_on_all_leads_at_once_is_no_contact() -> None:
    detector = rested(ContactDetector(BOARD))
    forces = [Forces(k / 1000.0, np.full(6, 2.0 * sin(2 * pi * 50.0 * k / 1000.0))) for k in range(1000)]
    assert not any(contact.touching for contact in run(detector, forces))


def test_a_scan_that_drops_out_does_not_split_a_contact() -> None:
    detector = rested(ContactDetector(BOARD))
    forces = list(frames(2.0, lambda t_s: NONE if 1.0 <= t_s < 1.02 else (60.0, 0.0, 0.0), 100.0))
    touching = [contact.touching for contact in run(detector, forces)]
    assert all(touching[touching.index(True) :])


def test_a_sensor_that_cannot_be_read_makes_force_and_centre_absent_at_once() -> None:
    detector = rested(ContactDetector(BOARD))
    run(detector, list(frames(1.0, steady)))
    broken = newtons(left=(60.0, 0.0, 0.0))
    broken[1] = nan
    contacts = detector.step(Forces(1.0, broken))
    assert (contacts.left.force_n, contacts.left.cop_mm) == (None, None)
    assert contacts.right.force_n == 0.0


def test_a_pad_that_cannot_be_read_keeps_its_touch_for_half_a_second_only() -> None:
    detector = rested(ContactDetector(BOARD))
    run(detector, list(frames(1.0, steady)))
    broken = np.full(6, nan)
    assert detector.step(Forces(1.3, broken)).left.touching
    assert not detector.step(Forces(1.6, broken)).left.touching


def test_the_weight_of_the_plate_is_taken_off_at_the_start() -> None:
    detector = ContactDetector(BOARD)
    forces = [Forces(each.t_s, each.newtons + 2.5) for each in frames(1.0, lambda t_s: NONE)]
    contacts = run(detector, forces)
    assert not any(contact.touching for contact in contacts)
    assert contacts[-1].force_n == pytest.approx(0.0, abs=0.1)


def test_somebody_who_lies_there_when_the_mat_is_switched_on_is_seen() -> None:
    contact = run(ContactDetector(BOARD), list(frames(1.0, steady)))[-1]
    assert contact.touching
    assert contact.force_n == pytest.approx(60.0, abs=0.1)


def test_a_load_that_lasts_is_never_taken_for_zero() -> None:
    contact = run(rested(ContactDetector(BOARD)), list(frames(600.0, steady, 20.0)))[-1]
    assert contact.force_n == pytest.approx(60.0, abs=0.5)


def test_an_empty_pad_that_warms_never_touches() -> None:
    detector = rested(ContactDetector(BOARD))
    forces = [Forces(each.t_s, each.newtons + 0.01 * each.t_s) for each in frames(600.0, lambda t_s: NONE, 20.0)]
    contacts = run(detector, forces)  # 18 N on the pad in the end
    assert not any(contact.touching for contact in contacts)
    assert contacts[-1].force_n == pytest.approx(0.0, abs=0.5)


def test_what_lingers_after_a_long_load_is_no_contact_and_a_new_load_is() -> None:
    detector = rested(ContactDetector(BOARD))
    run(detector, list(frames(60.0, lambda t_s: (200.0, 0.0, 0.0))))
    left_over = run(detector, list(frames(30.0, lambda t_s: (6.0, 0.0, 0.0), start_s=60.0)))
    assert not any(contact.touching for contact in left_over[5:])
    again = run(detector, list(frames(1.0, lambda t_s: (16.0, 0.0, 0.0), start_s=90.0)))
    assert again[-1].touching


def test_touching_needs_more_to_begin_than_to_go_on() -> None:
    detector = rested(ContactDetector(BOARD))
    assert not run(detector, list(frames(1.0, lambda t_s: (2.25, 0.0, 0.0))))[-1].touching
    assert run(detector, list(frames(1.0, lambda t_s: (8.0, 0.0, 0.0), start_s=1.0)))[-1].touching
    assert run(detector, list(frames(1.0, lambda t_s: (2.25, 0.0, 0.0), start_s=2.0)))[-1].touching
    assert not run(detector, list(frames(1.0, lambda t_s: (1.5, 0.0, 0.0), start_s=3.0)))[-1].touching


def test_a_touch_that_was_never_more_than_light_goes_on_until_half_of_it_is_gone() -> None:
    detector = rested(ContactDetector(BOARD))
    run(detector, list(frames(1.0, lambda t_s: (2.4, 0.0, 0.0))))
    assert run(detector, list(frames(1.0, lambda t_s: (1.5, 0.0, 0.0), start_s=1.0)))[-1].touching
    assert not run(detector, list(frames(1.0, lambda t_s: (1.0, 0.0, 0.0), start_s=2.0)))[-1].touching


def test_the_centre_stands_still_while_a_touch_is_almost_gone() -> None:
    detector = rested(ContactDetector(BOARD))
    run(detector, list(frames(1.0, steady)))
    contact = detector.step(Forces(1.0, np.array([0.6, 0.0, 0.0, 0.0, 0.0, 0.0]))).left
    assert contact.touching
    assert contact.cop_mm == pytest.approx((12.0, -9.0), abs=0.5)


def test_tare_takes_whatever_lies_there_as_nothing() -> None:
    detector = rested(ContactDetector(BOARD))
    run(detector, list(frames(1.0, steady)))
    detector.tare()
    contacts = run(detector, list(frames(1.0, steady, start_s=1.0)))
    assert contacts[-1].force_n == pytest.approx(0.0, abs=0.1)
    assert not contacts[-1].touching


def test_reset_forgets_as_if_switched_on_again() -> None:
    detector = rested(ContactDetector(BOARD))
    first = run(detector, list(frames(2.0, steady)))
    detector.reset()
    again = run(rested(detector), list(frames(2.0, steady)))
    assert again == first


def test_a_pad_without_sensors_is_absent() -> None:
    board = board_with(3)
    one_pad = type(board)(chips=board.chips[:1], sensors=board.sensors[:3])
    contacts = ContactDetector(one_pad).step(Forces(0.0, np.zeros(3)))
    assert contacts.right == Contact(None, None, False)


Mat = tuple[Board, Record, tuple[PadFit, PadFit]]


@pytest.fixture(scope="module", params=[3, 4])
def mat(request: pytest.FixtureRequest) -> Mat:
    """A mat with its calibration, on one fixed seed that bench/contact.py did not tune on."""
    board = board_with(request.param)
    record = generate(board, np.random.default_rng(300))
    return board, record, fitted(board, record, np.random.default_rng([300, 1]))


def test_a_quarter_of_an_hour_of_drift_creep_residue_and_spikes_deceives_nobody(mat: Mat) -> None:
    """The targets of the cadence facts, section 7."""
    board, record, fits = mat
    figures = score(ours, [(board, compensated(record, fits))]).figures()
    assert figures["contacts"] >= 12
    assert (figures["missed_ratio"], figures["false_per_hour"], figures["splits_per_contact"]) == (0.0, 0.0, 0.0)
    assert figures["on_ms_p95"] <= 150.0
    assert figures["off_ms_p50"] <= 150.0
    assert figures["cop_mm_p50"] <= 1.0


def test_calibration_with_bottles_tells_which_foot_creeps_more_than_the_others(mat: Mat) -> None:
    """A creep that all feet share leaves the centre where it is; the bench is blind if calibration cannot tell more."""
    _, record, fits = mat
    drawn = record.creep_per_decade.reshape(2, -1)
    found = np.array([[curve.creep_per_decade for curve in fit.curves] for fit in fits])
    unknown = drawn - drawn.mean(axis=1)[:, None]
    left = unknown - (found - found.mean(axis=1)[:, None])
    assert 0.0 < left.std() < 0.75 * unknown.std()  # nothing left would be the truth handed over


def test_a_mat_that_reads_by_its_fitted_curves_knows_force_and_feet_about_as_well(mat: Mat) -> None:
    board, record, fits = mat
    at = int(np.argmax(record.load_n[:, 0]))
    some = slice(at - 50, at + 50)
    n = len(board.sensors) // 2
    read_n = np.median(weighed(record, fits).newtons[some, :n].sum(axis=1))
    assert read_n == pytest.approx(np.median(record.newtons[some, :n].sum(axis=1)), rel=0.1)
    moved = [
        hypot(a.x_mm - b.x_mm, a.y_mm - b.y_mm) for a, b in zip(placed(board, fits).sensors, board.sensors, strict=True)
    ]
    assert 0.0 < max(moved) < 4.0


def test_the_mat_is_not_a_peer_of_itself() -> None:
    columns = {asked.column: 1.0 for asked in CONTACT}
    better = dict.fromkeys(columns, 0.0)
    contact = {"qlmat": columns, "qlmat, not calibrated": better, "fixed 3 N": columns}
    cadence = {"qlmat": {asked.family: dict.fromkeys([each.column for each in MOVEMENT], 1.0) for asked in MOVEMENT}}
    assert {row.peer for row in required(cadence, contact)[len(MOVEMENT) :]} == {"fixed 3 N"}


def test_the_generated_truth_is_what_the_sensors_would_show_without_their_faults() -> None:
    """Guards the bench: force and centre of its clean part must be its truth."""
    board = board_with(3)
    record = generate(board, np.random.default_rng(301))
    at = int(np.argmax(record.load_n[:, 0]))
    feet = record.newtons[at, :3]
    places = np.array([[sensor.x_mm, sensor.y_mm] for sensor in board.sensors[:3]])
    centre = feet @ places / feet.sum()
    assert feet.sum() == pytest.approx(record.load_n[at, 0], rel=0.25)
    assert hypot(*(centre - record.cop_mm[at, 0])) < 8.0
