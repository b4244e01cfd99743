"""Bits on the virtual bus: how many, how long they take, who answers, and what goes wrong when told to."""

from collections.abc import Callable

import pytest

from qlmat.sim.ads1x15 import VirtualAds1x15
from qlmat.sim.analog import FixedVolts
from qlmat.sim.clock import VirtualClock
from qlmat.sim.faults import Fault
from qlmat.sim.i2c import IDLE_CORE_RATIO, VirtualI2C

RESET_CALL = b"\x06"


def bus_of(*addresses: int, scl_hz: float = 400_000, software_s: float = 0.0, core_ratio: float = 1.0) -> VirtualI2C:
    bus = VirtualI2C(VirtualClock(), scl_hz, software_s, core_ratio)
    for address in addresses or (0x48,):
        bus.attach(address, VirtualAds1x15(analog=FixedVolts(0.5, 1.0, 1.5, 2.0)))
    return bus


def word(bus: VirtualI2C, address: int = 0x48, register: int = 1) -> str:
    reply = bytearray(2)
    bus.writeto_then_readfrom(address, bytes([register]), reply)
    return reply.hex()


def answers(bus: VirtualI2C, address: int) -> bool:
    try:
        bus.writeto(address, b"")
    except OSError:
        return False
    return True


TRANSACTIONS: dict[str, tuple[int, Callable[[VirtualI2C], object]]] = {
    "probe": (11, lambda bus: bus.writeto(0x48, b"")),
    "pointer write": (20, lambda bus: bus.writeto(0x48, b"\x01")),
    "general call": (20, lambda bus: bus.writeto(0x00, RESET_CALL)),
    "config write": (38, lambda bus: bus.writeto(0x48, b"\x01\xc3\xe3")),
    "read, pointer set": (29, lambda bus: bus.readfrom_into(0x48, bytearray(2))),
    "write pointer, repeated start, read": (48, word),
    "one transfer": (85, lambda bus: bus.transfer((0x48, b"\x01\xc3\xe3"), (0x48, b"\x00"), (0x48, 2))),
}


@pytest.mark.parametrize("name", TRANSACTIONS)
@pytest.mark.parametrize("scl_hz", [100_000, 400_000, 1_000_000])
def test_each_transaction_costs_the_bits_of_the_table(name: str, scl_hz: int) -> None:
    bits, transact = TRANSACTIONS[name]
    bus = bus_of(scl_hz=scl_hz)
    transact(bus)
    assert bus.bits == bits
    assert bus.clock.now_ns() == bits * 1_000_000_000 // scl_hz


def test_an_idle_core_of_a_pi_3_slows_the_bus_to_62_5_percent() -> None:
    bus = bus_of(core_ratio=IDLE_CORE_RATIO)
    word(bus)
    assert bus.clock.now_ns() == 48 * 4000


def test_software_costs_time_once_per_transfer() -> None:
    bus = bus_of(software_s=130e-6)
    word(bus)
    bus.transfer((0x48, b"\x01\xc3\xe3"), (0x48, b"\x00"), (0x48, 2))
    assert bus.clock.now_ns() == 2 * 130_000 + (48 + 85) * 2500


def test_a_rate_that_divides_badly_never_adds_up_rounding() -> None:
    bus = bus_of(scl_hz=347_000)
    for _ in range(1000):
        word(bus)
    assert bus.clock.now_ns() == pytest.approx(48_000 / 347_000 * 1e9, abs=1000)


def test_nobody_at_an_address_is_remote_io_error_after_eleven_bits() -> None:
    bus = bus_of()
    with pytest.raises(OSError, match="Remote I/O error") as caught:
        bus.writeto(0x49, b"\x01\xc3\xe3")
    assert (caught.value.errno, bus.bits) == (121, 11)


def test_scan_finds_who_is_there() -> None:
    assert bus_of(0x48, 0x4A, 0x4B).scan() == [0x48, 0x4A, 0x4B]


def test_a_general_call_with_06_resets_every_chip_on_the_bus() -> None:
    bus = bus_of(0x48, 0x49)
    for address in (0x48, 0x49):
        bus.writeto(address, b"\x01\x42\xe3")
    bus.writeto(0x00, RESET_CALL)
    assert [word(bus, 0x48), word(bus, 0x49)] == ["8583", "8583"]


def test_another_general_call_changes_nothing() -> None:
    bus = bus_of()
    bus.writeto(0x48, b"\x01\x43\xe3")
    bus.writeto(0x00, b"\x04")
    assert word(bus) == "c3e3"


def test_a_general_call_on_an_empty_bus_is_not_acknowledged() -> None:
    with pytest.raises(OSError, match="Remote I/O error"):
        VirtualI2C(VirtualClock()).writeto(0x00, RESET_CALL)


def test_a_config_write_acts_at_its_last_acknowledge_37_bits_in() -> None:
    bus = bus_of()
    chip = bus.detach(0x48)
    assert isinstance(chip, VirtualAds1x15)
    bus.attach(0x48, chip)
    bus.writeto(0x48, b"\x01\xc3\xe3")
    bus.clock.sleep(0.01)
    word(bus)
    assert chip.truth[0].start_ns == 37 * 2500 + 25_000


def test_a_read_takes_its_snapshot_ten_bits_into_its_message() -> None:
    end_ns = 37 * 2500 + 25_000 + 1_162_791
    for early_ns, expected in ((1, "43e3"), (0, "c3e3")):
        again = bus_of()
        again.writeto(0x48, b"\x01\xc3\xe3")
        again.clock.advance_ns(end_ns - early_ns - 29 * 2500 - again.clock.now_ns())
        assert word(again) == expected


def test_buffers_are_used_between_start_and_end() -> None:
    bus = bus_of()
    reply = bytearray(b"\xaa" * 5)
    bus.writeto_then_readfrom(0x48, b"\xff\x01\xff", reply, out_start=1, out_end=2, in_start=2, in_end=4)
    assert reply.hex() == "aaaa8583aa"
    bus.writeto(0x48, bytearray(b"\xff\x02\x12\x34\xff"), start=1, end=4)
    bus.readfrom_into(0x48, reply, start=0, end=2)
    assert reply.hex() == "12348583aa"


def test_the_lock_is_held_by_one() -> None:
    bus = bus_of()
    assert [bus.try_lock(), bus.try_lock()] == [True, False]
    bus.unlock()
    assert bus.try_lock()


@pytest.mark.parametrize("address", [0x07, 0x78, 0x48])
def test_a_reserved_or_taken_address_cannot_be_wired(address: int) -> None:
    with pytest.raises(ValueError, match="reserved or taken"):
        bus_of().attach(address, VirtualAds1x15())


# --- faults ---


@pytest.mark.parametrize(
    ("fault", "number", "cost_ns"),
    [
        (Fault("nack", 0.0), 121, 11 * 2500),
        (Fault("io_error", 0.0), 5, 11 * 2500),
        (Fault("timeout", 0.0, cost_s=0.025), 110, 25_000_000 + 11 * 2500),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
def test_a_fault_that_breaks_the_transfer_raises_what_linux_raises(fault: Fault, number: int, cost_ns: int) -> None:
    bus = bus_of()
    bus.faults.add(fault)
    with pytest.raises(OSError, match=r".") as caught:
        word(bus)
    assert (caught.value.errno, bus.clock.now_ns()) == (number, cost_ns)
    assert bus.faults.counts == {fault.kind: 1}


@pytest.mark.parametrize(("kind", "reply"), [("stuck_low", "0000"), ("stuck_high", "ffff")])
def test_a_stuck_line_answers_by_itself_and_writes_reach_nobody(kind: str, reply: str) -> None:
    bus = bus_of()
    bus.faults.add(Fault("stuck_low" if kind == "stuck_low" else "stuck_high", 0.0, 1.0))
    bus.writeto(0x48, b"\x01\x42\xe3")
    assert word(bus) == reply
    bus.clock.sleep_until(1.0)
    assert word(bus) == "8583"
    assert bus.faults.counts[kind] == 3  # one write, and both messages of a combined read


def test_a_lost_pointer_byte_makes_the_result_read_as_the_configuration() -> None:
    bus = bus_of()
    bus.writeto(0x48, b"\x01\xc3\xe3")
    bus.clock.sleep(0.01)
    assert word(bus, register=0) == "0fa0"
    bus.writeto(0x48, b"\x01\x43\xe3")
    bus.faults.add(Fault("config_word", bus.clock.now_s()))
    assert word(bus, register=0) == "c3e3"


def test_swapped_chips_answer_for_each_other() -> None:
    bus = bus_of(0x48, 0x49)
    bus.writeto(0x49, b"\x02\x12\x34")
    bus.faults.add(Fault("swapped", 0.0, address=0x48, other=0x49))
    assert [word(bus, 0x48, 2), word(bus, 0x49, 2)] == ["1234", "8000"]


def test_a_stretched_clock_delays_and_changes_nothing_else() -> None:
    bus = bus_of()
    bus.faults.add(Fault("stretch", 0.0, cost_s=0.003, end_s=1e-5 + 0.0001))
    assert word(bus) == "8583"
    assert bus.clock.now_ns() == 48 * 2500 + 3_000_000


def test_a_fault_hits_its_address_in_its_window_only() -> None:
    bus = bus_of(0x48, 0x49)
    bus.faults.add(Fault("nack", 1.0, 2.0, address=0x48), Fault("nack", 5.0, 6.0))
    silent = []
    for t_s in (0.5, 1.0, 1.999, 2.0, 5.5, 6.0):
        bus.clock.sleep_until(t_s)
        silent.append([address for address in (0x48, 0x49) if not answers(bus, address)])
    assert silent == [[], [0x48], [0x48], [], [0x48, 0x49], []]


def test_of_two_faults_the_one_that_began_first_wins_and_the_other_follows() -> None:
    bus = bus_of()
    bus.faults.add(Fault("stuck_high", 0.5, 3.0), Fault("stuck_low", 0.0, 1.0))
    bus.clock.sleep_until(0.6)
    assert word(bus) == "0000"
    bus.clock.sleep_until(1.0)
    assert word(bus) == "ffff"


def test_cleared_faults_are_gone_and_stay_counted() -> None:
    bus = bus_of()
    bus.faults.add(Fault("stuck_low", 0.0), Fault("nack", 9.0))
    word(bus)
    bus.faults.clear()
    assert word(bus) == "8583"
    assert not bus.faults.armed
    assert bus.faults.counts["stuck_low"] == 2


@pytest.mark.parametrize(
    "make",
    [lambda: Fault("nack", 2.0, 1.0), lambda: Fault("swapped", 0.0, address=0x48)],
)
def test_an_impossible_fault_is_refused(make: Callable[[], Fault]) -> None:
    with pytest.raises(ValueError, match=r"cannot end|change places"):
        make()
