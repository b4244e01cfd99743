"""The `[practice]` section: what a person may set of a session. The rest of `Plan` stays as the sources have it."""

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from qlmat.core.plan import Plan
from qlmat.errors import ConfigError
from qlmat.units import CADENCE, NEWTONS, SECONDS, WEIGHT
from qlmat.wiring import Section

_PLAN = Plan()
_SIDE = replace(SECONDS, low=1.0, high=120.0)  # no more than 2 minutes a side: domain facts B.5
_WAIT = replace(SECONDS, low=1.0, high=600.0)
_FORCE = replace(NEWTONS, low=10.0, high=400.0)  # full scale of a pad: domain facts, 0
SideTime = Annotated[float, BeforeValidator(_SIDE), _SIDE]
Wait = Annotated[float, BeforeValidator(_WAIT), _WAIT]
Force = Annotated[float, BeforeValidator(_FORCE), _FORCE]
Weight = Annotated[float, BeforeValidator(WEIGHT), WEIGHT]
Cadence = Annotated[float, BeforeValidator(CADENCE), CADENCE]
PLAN_FIELDS = {  # key of the section: field of the plan
    "side_time": "side_s",
    "place_time": "place_s",
    "settle_time": "settle_s",
    "switch_time": "switch_s",
    "comfortable_force": "comfortable_n",
    "force_cap": "cap_n",
    "body_weight": "body_weight_n",
    "target_cadence": "target_hz",
    "good_cadence": "good_fast_hz",
    "too_fast_cadence": "too_fast_hz",
    "both_sides": "both_sides",
    "pace": "pacing",
}


class PracticeSection(Section):
    """`[practice]`: what the mat asks of the person."""

    side_time: SideTime = Field(
        default=_PLAN.side_s, description="of good movement on each side; 60 s to 120 s is usual"
    )
    place_time: Wait = Field(default=_PLAN.place_s, description="at most, to put the ball in place")
    settle_time: Wait = Field(default=_PLAN.settle_s, description="to settle on the ball before the movement")
    switch_time: Wait = Field(default=_PLAN.switch_s, description="at most, to turn over to the other side")
    comfortable_force: Force = Field(
        default=_PLAN.comfortable_n, description="what you call firm, 4 of 10; the zone lies around it"
    )
    force_cap: Force = Field(default=_PLAN.cap_n, description="too hard at once, whatever you call comfortable")
    body_weight: Weight | None = Field(default=None, description='such as "75 kg"; lowers the cap to 0.35 of it')
    target_cadence: Cadence = Field(default=_PLAN.target_hz, description="cycles a minute to aim at")
    good_cadence: Cadence = Field(default=_PLAN.good_fast_hz, description="the fastest that is still good")
    too_fast_cadence: Cadence = Field(default=_PLAN.too_fast_hz, description="beyond this the mat says too fast")
    start_side: Literal["either", "left", "right"] = Field(
        default="either", description="either: the side the ball is put on first"
    )
    both_sides: bool = Field(
        default=_PLAN.both_sides, description="false: the side begun with only, if a clinician says so"
    )
    pace: bool = Field(
        default=_PLAN.pacing, description="a soft tick at each turn, led from your own rhythm down to the target"
    )
    screening: bool = Field(
        default=True,
        description="no practice before the questions were answered; an answer once given counts either way",
    )


def plan_of(section: PracticeSection) -> Plan:
    """Make the plan; raises `ConfigError`, in the words of the section, when its values contradict each other."""
    chosen = {field: getattr(section, key) for key, field in PLAN_FIELDS.items()}
    if not section.target_cadence <= section.good_cadence <= section.too_fast_cadence:
        raise ConfigError("practice.target_cadence: it must not be above good_cadence, nor that above too_fast_cadence")
    try:
        return Plan(**chosen, first_side=None if section.start_side == "either" else section.start_side)
    except ConfigError as error:
        text = str(error).removeprefix("session: ")
        for key, field in PLAN_FIELDS.items():
            text = text.replace(field, key)
        raise ConfigError(f"practice: {text}") from error


def practice_of(plan: Plan) -> PracticeSection:
    """Say a plan as its section: the inverse of `plan_of`."""
    values = {key: getattr(plan, field) for key, field in PLAN_FIELDS.items()}
    return PracticeSection.model_construct(**values, start_side=plan.first_side or "either")
