"""What a session asks for as it is now: the configured plan with what was changed from outside since the start.

Owned by the control loop. A change counts from the next session on, and until the mat is started again.
"""

from dataclasses import replace
from typing import Any, cast

from qlmat.core.model import Side
from qlmat.core.plan import Plan
from qlmat.errors import ConfigError
from qlmat.payloads import Payload
from qlmat.wishes import RefusedError, Values

_FIELD = {"comfortable_n": "comfortable_n", "side_s": "side_s", "both_sides": "both_sides"}


class Steering:
    """Holds the plan. `change` checks everything before it changes anything.

    >>> steering = Steering(Plan())
    >>> steering.change({"comfortable_n": 80.0, "target_cpm": 10.0}).zone_n
    (56.0, 88.0)
    >>> steering.aims()["target_cpm"], steering.aims()["start_side"]
    (10.0, 'either')
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def change(self, values: Values) -> Plan:
        """Return the plan with `values` of `qlmat.wishes.AIMS` changed; raise RefusedError when they contradict."""
        changes: dict[str, Any] = {_FIELD[key]: value for key, value in values.items() if key in _FIELD}
        if "target_cpm" in values:
            target_hz = values["target_cpm"] / 60.0
            if target_hz > self.plan.good_fast_hz:
                raise RefusedError(f"target_cpm: more than {60.0 * self.plan.good_fast_hz:g} is not slow any more")
            changes["target_hz"] = target_hz
        if "start_side" in values:
            side = values["start_side"]
            changes["first_side"] = None if side == "either" else cast(Side, side)
        try:
            self.plan = replace(self.plan, **changes)
        except ConfigError as error:
            raise RefusedError(str(error).removeprefix("session: ").rstrip(".")) from error
        return self.plan

    def aims(self) -> Payload:
        """Say the values of `qlmat.wishes.AIMS` as they are now."""
        plan = self.plan
        return {
            "comfortable_n": round(plan.comfortable_n, 1),
            "side_s": round(plan.side_s, 1),
            "target_cpm": round(60.0 * plan.target_hz, 2),
            "both_sides": plan.both_sides,
            "start_side": plan.first_side or "either",
        }
