"""What makes a Raspberry Pi a QL mat: the only code that touches pins and buses."""
