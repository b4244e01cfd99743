"""Where the wires go: board v1, proven equal to `hardware/netlist.csv` by a test.

Two pads, left and right of the spine. Each is a rigid plate on three feet, 70 mm from its centre: foot 1 points to the
head, feet 2 and 3 to the hips. Each foot stands on a 38 mm square FSR (Interlink 406 class) in a divider with 1.0 kOhm.
One ADS1115 a pad; its inputs 0 to 2 read the feet, input 3 reads the 3.3 V rail that feeds the dividers.
"""

from math import cos, radians, sin

from qlmat.core.model import Board, Chip, Sensor, Side

FOOT_RADIUS_MM = 70.0
FOOT_ANGLES_DEG = (90.0, 210.0, 330.0)  # to the head, to the left hip, to the right hip
DIVIDER_OHM = 1000.0  # sqrt(R_low R_high) of the published 406 curves for 5 to 100 N is 0.56 to 1.6 kOhm
LEFT_ADDRESS, RIGHT_ADDRESS = 0x48, 0x49  # ADDR pin to GND, to VDD


def _pad(side: Side, address: int) -> tuple[Sensor, ...]:
    return tuple(
        Sensor(
            name=f"{side}_{foot + 1}",
            side=side,
            x_mm=round(FOOT_RADIUS_MM * cos(radians(angle)), 3) + 0.0,
            y_mm=round(FOOT_RADIUS_MM * sin(radians(angle)), 3),
            chip=address,
            input=foot,
            divider_ohm=DIVIDER_OHM,
        )
        for foot, angle in enumerate(FOOT_ANGLES_DEG)
    )


BOARD_V1 = Board(
    chips=(Chip(LEFT_ADDRESS), Chip(RIGHT_ADDRESS)),
    sensors=_pad("left", LEFT_ADDRESS) + _pad("right", RIGHT_ADDRESS),
    motor_pin=18,
    buzzer_pin=13,
    led_pin=24,
    button_pin=17,
)
