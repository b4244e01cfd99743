"""Everything that reads what somebody else wrote, against millions of mutated inputs: `make fuzz`.

A target takes bytes and returns, or raises what is a bug: any error but the one that is promised, a promise that does
not hold, or more than `qlmat`'s own bounds of time and memory.
"""
