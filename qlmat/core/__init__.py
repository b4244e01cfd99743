"""Pure values and functions: no clock, no file, no thread, no log. Start with `model`, then `pipeline`."""
