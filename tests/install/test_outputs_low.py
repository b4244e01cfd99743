"""The helper that runs after a killed mat: what it asks the kernel for, and that it needs nothing to run."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from qlmat_firmware import outputs_low
from qlmat_firmware.board import BOARD_V1

HEADER = Path("/usr/include/linux/gpio.h")
PROGRAM = r"""
#include <linux/gpio.h>
#include <stdio.h>
#include <string.h>
int main(void) {
    struct gpio_v2_line_request request;
    memset(&request, 0, sizeof request);
    request.offsets[0] = 18;
    strcpy(request.consumer, "qlmat-outputs-low");
    request.config.flags = GPIO_V2_LINE_FLAG_OUTPUT;
    request.num_lines = 1;
    printf("%lu %lu\n", (unsigned long)GPIO_GET_CHIPINFO_IOCTL, (unsigned long)GPIO_V2_GET_LINE_IOCTL);
    for (size_t i = 0; i < sizeof request; i++) printf("%02x", ((unsigned char *)&request)[i]);
    return 0;
}
"""


@pytest.mark.skipif(shutil.which("gcc") is None or not HEADER.exists(), reason="needs gcc and the kernel's headers")
def test_the_request_is_byte_for_byte_what_the_kernels_header_makes(tmp_path: Path) -> None:
    (tmp_path / "request.c").write_text(PROGRAM)
    command = ["gcc", "-o", str(tmp_path / "request"), str(tmp_path / "request.c")]
    subprocess.run(command, check=True, capture_output=True)
    numbers, request = subprocess.run(
        [str(tmp_path / "request")], check=True, capture_output=True, text=True
    ).stdout.split("\n")
    assert numbers == f"{outputs_low.GET_CHIP_INFO} {outputs_low.GET_LINE}"
    assert outputs_low.line_request(18).hex() == request


def test_it_knows_the_pins_of_the_board() -> None:
    pins = {"motor": BOARD_V1.motor_pin, "buzzer": BOARD_V1.buzzer_pin, "led": BOARD_V1.led_pin}
    assert pins == outputs_low.PINS == outputs_low.pins_of(None)


@pytest.mark.parametrize(
    ("text", "motor"),
    [("[board.pins]\nmotor = 12\n", 12), ("[board", 18), ("board = 3", 18), ("[board.pins]\nmotor = 'x'", 18)],
)
def test_it_follows_the_configuration_and_survives_a_broken_one(tmp_path: Path, text: str, motor: int) -> None:
    (tmp_path / "c.toml").write_text(text)
    assert outputs_low.pins_of(tmp_path / "c.toml")["motor"] == motor


def test_what_is_no_gpio_chip_is_passed_over_and_a_line_that_cannot_be_had_is_told(tmp_path: Path) -> None:
    (tmp_path / "gpiochip0").touch()
    assert outputs_low.header_chip(tmp_path) is None
    assert len(outputs_low.drive_low(tmp_path / "gpiochip0", {"motor": 18, "led": 24})) == 2


def test_it_loads_nothing_that_could_be_broken() -> None:
    code = "import sys; import qlmat_firmware.outputs_low; print(*sorted({n.split('.')[0] for n in sys.modules}))"
    said = subprocess.run([sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True).stdout
    assert not {"numpy", "gpiozero", "pydantic", "qlmat"} & set(said.split())
