"""Virtual hardware and a virtual person: an I2C bus at byte level, its ADCs, sensors, pads and a body."""
