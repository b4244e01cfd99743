"""What a session asks for: forces, times and rhythms, each with where its default comes from."""

from dataclasses import dataclass, fields, replace

from qlmat.core.model import Side
from qlmat.errors import ConfigError

MOST_S = 120.0  # on one side, with everything added: domain facts B.5
SECOND_BARS = "one session was done today: press the button, or say start, if you want a second one"


@dataclass(frozen=True, slots=True)
class SideAim:
    """What differs on one side: its own comfortable force, seconds more, and the spot (mm) to come back to."""

    comfortable_n: float | None = None
    extra_s: float = 0.0
    spot_mm: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Settings of a session. Sources are sections of the domain facts; "ours" means that no source was found.

    >>> plan = Plan(comfortable_n=80.0)
    >>> plan.zone_n, plan.too_hard_n, plan.lost_n
    ((56.0, 88.0), 104.0, 12.0)
    >>> round(Plan(body_weight_n=700.0).at_once_n)
    245
    """

    comfortable_n: float = 100.0  # F_c, personal: no source for a default; inside the 60 to 200 N derived in B.1
    zone_low_ratio: float = 0.7  # of F_c, section 0
    zone_high_ratio: float = 1.1  # of F_c, section 0
    too_hard_ratio: float = 1.3  # of F_c, section 0
    too_hard_s: float = 1.0  # section 0
    cap_n: float = 300.0  # at once, section 0
    cap_ratio: float = 0.35  # of body weight, section 0; less at a wall or on a chair, E.1
    body_weight_n: float | None = None  # with it the cap is `cap_ratio` of it at most
    lost_ratio: float = 0.15  # of F_c, D.3 cue 7
    lost_s: float = 3.0  # D.3 cue 7
    place_s: float = 60.0  # at most, B.3
    settle_s: float = 15.0  # B.3
    side_s: float = 90.0  # B.3; range 60 to 120
    switch_s: float = 120.0  # at most; ours: twice the time to place, since one has to turn over
    target_hz: float = 12 / 60  # B.3
    good_fast_hz: float = 18 / 60  # upper end of the accepted 8 to 18 a minute, section 0
    too_fast_hz: float = 20 / 60  # section 0
    too_fast_cycles: float = 3.0  # section 0
    rest_s: float = 8.0  # D.3 cue 4
    still_s: float = 3.0  # D.3 cue 1
    leave_s: float = 30.0  # lifted off for so long ends the session; ours
    idle_s: float = 120.0  # on a ball without practice that counts; domain facts B.5: no more than 2 minutes a side
    pause_s: float = 600.0  # a pause asked for ends the session after this long; ours
    both_sides: bool = True  # E.2: the same time on both sides unless a clinician says otherwise
    first_side: Side | None = None  # None: the side the ball is put on
    hold_s: float = 30.0  # holding still on a marked spot counts for so long at a time, B.3
    left: SideAim = SideAim()
    right: SideAim = SideAim()
    pacing: bool = False  # a soft tick at each turn, led down to the target, D.3
    pace_lead_s: float = 0.08  # before the turn: what a small motor takes to start, D.1 and D.2
    barred: str | None = None  # why no session may begin now
    on_purpose: bool = False  # a session begins only by the word of a person, not by a ball put down

    def __post_init__(self) -> None:
        """Refuse settings that contradict each other; raise ConfigError."""
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, (int, float)) and not isinstance(value, bool) and not 0.0 < value < float("inf"):
                raise ConfigError(f"session: {each.name} = {value} must be more than 0.")
        ratios = (self.lost_ratio, self.zone_low_ratio, self.zone_high_ratio, self.too_hard_ratio)
        if sorted(set(ratios)) != list(ratios):
            raise ConfigError(
                "session: lost_ratio < zone_low_ratio < zone_high_ratio < too_hard_ratio must hold, "
                f"not {' < '.join(map(str, ratios))}."
            )
        if self.too_hard_n > self.at_once_n:
            raise ConfigError(
                f"session: {self.too_hard_ratio} x comfortable_n = {self.too_hard_n:.0f} N is above the cap of "
                f"{self.at_once_n:.0f} N: choose a smaller comfortable_n."
            )

    @property
    def zone_n(self) -> tuple[float, float]:
        """The forces between which time counts, N."""
        return self.zone_low_ratio * self.comfortable_n, self.zone_high_ratio * self.comfortable_n

    @property
    def too_hard_n(self) -> float:
        """The force that is too hard when it lasts, N."""
        return self.too_hard_ratio * self.comfortable_n

    @property
    def at_once_n(self) -> float:
        """The force that is too hard at once, N: the cap, or `cap_ratio` of body weight if that is less."""
        return self.cap_n if self.body_weight_n is None else min(self.cap_n, self.cap_ratio * self.body_weight_n)

    @property
    def lost_n(self) -> float:
        """The force below which the ball does nothing, N."""
        return self.lost_ratio * self.comfortable_n

    @property
    def bars(self) -> str | None:
        """Why a ball put down begins nothing, None when it does."""
        return self.barred or (SECOND_BARS if self.on_purpose else None)

    @property
    def spot_mm(self) -> tuple[float, float] | None:
        """The spot to come back to, on a plan of one side."""
        return self.left.spot_mm if self.left == self.right else None

    def of(self, side: Side | None) -> "Plan":
        """Give the plan as it is on one side; it is its own plan `of` either side then.

        >>> plan = Plan(left=SideAim(comfortable_n=80.0, extra_s=60.0))
        >>> plan.of("left").comfortable_n, plan.of("left").side_s, plan.of("right").comfortable_n
        (80.0, 120.0, 100.0)
        """
        if side is None:
            return self
        aim = self.left if side == "left" else self.right
        here = SideAim(spot_mm=aim.spot_mm)
        return replace(
            self,
            comfortable_n=aim.comfortable_n or self.comfortable_n,
            side_s=max(self.side_s, min(self.side_s + aim.extra_s, MOST_S)),
            left=here,
            right=here,
        )
