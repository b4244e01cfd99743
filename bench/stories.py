"""What the person of a bench does, in the words of `qlmat demo --story`."""

TOO_HARD = """
[[step]]
do = "place"
side = "left"
newtons = 200
[[step]]
do = "rest"
seconds = 60
"""


def rocks(settle_s: int, rock_s: int) -> str:
    """Tell of somebody who lies down on the left pad, settles, and rocks."""
    return f"""
[[step]]
do = "place"
side = "left"
newtons = 90
[[step]]
do = "settle"
seconds = {settle_s}
[[step]]
do = "rock"
seconds = {rock_s}
cpm = 12
mm = 18
"""
