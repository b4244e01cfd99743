"""What a method answered, against the truth: the definitions of the facts file, the same for every method.

Scored from 1.5 cycles after the onset of a bout to its end, each half second; a missing answer is wrong.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from bench.cadence_families import Body, Bout
from qlmat.core.model import FloatArray

SCORE_STEP_S = 0.5
FROM_CYCLES = 1.5
RIGHT_RATIO, RIGHT_CPM = 0.07, 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What one method said on one record, one row an update: cadence NaN when it gave none, counts accumulate."""

    t_s: FloatArray
    cadence_hz: FloatArray
    confirmed: npt.NDArray[np.bool_]
    rocks: FloatArray  # 1 rock, 0 bend, NaN when it does not say
    count: float
    cost_s: float


@dataclass(slots=True)
class Score:
    """Sums over records; the properties are the columns of the table."""

    error_cpm: list[float] = field(default_factory=list)  # NaN when missing
    error_ratio: list[float] = field(default_factory=list)
    octave: list[bool] = field(default_factory=list)
    kind_right: list[bool] = field(default_factory=list)
    latency: list[float] = field(default_factory=list)
    confirm: list[float] = field(default_factory=list)
    stop: list[float] = field(default_factory=list)
    stop_s: list[float] = field(default_factory=list)
    count_error: list[float] = field(default_factory=list)
    rest: list[bool] = field(default_factory=list)
    rest_confirmed: list[bool] = field(default_factory=list)
    cost_s: float = 0.0
    signal_s: float = 0.0

    def add(self, body: Body, answers: Answers) -> None:
        """Score one record."""
        self.cost_s += answers.cost_s
        self.signal_s += float(body.t_s[-1])
        if not body.bouts:
            said = np.isfinite(answers.cadence_hz)
            self.rest += said.tolist()
            self.rest_confirmed += (said & answers.confirmed).tolist()
            return
        for k, bout in enumerate(body.bouts):
            until_s = body.bouts[k + 1].start_s if k + 1 < len(body.bouts) else float(body.t_s[-1])
            self._bout(bout, until_s, answers, body.kind == "rock")
        cycles = sum(bout.cycles for bout in body.bouts)
        whole = sum(np.floor(bout.cycles + 1e-6) for bout in body.bouts)
        top = sum(np.ceil(bout.cycles - 1e-6) for bout in body.bouts)
        near = min(max(answers.count, whole), top) if np.isfinite(answers.count) else cycles
        self.count_error.append(abs(answers.count - near))

    def _bout(self, bout: Bout, until_s: float, answers: Answers, rocks: bool) -> None:
        first_s = float(np.interp(FROM_CYCLES, bout.phase, bout.t_s))
        for t_s in np.arange(np.ceil(first_s / SCORE_STEP_S) * SCORE_STEP_S, bout.end_s, SCORE_STEP_S):
            i = int(np.searchsorted(answers.t_s, t_s + 1e-6)) - 1
            said, true = (answers.cadence_hz[i] if i >= 0 else np.nan), bout.cadence_hz(float(t_s))
            self.error_cpm.append(60 * abs(said - true))
            self.error_ratio.append(abs(said / true - 1))
            self.octave.append(bool(min(abs(said / true - 2), 2 * abs(said / true - 0.5)) < 2 * RIGHT_RATIO))
            if np.isfinite(said) and np.isfinite(answers.rocks[i]):
                self.kind_right.append(bool(answers.rocks[i] == rocks))
        right = np.array([self._right(bout, t, c) for t, c in zip(answers.t_s, answers.cadence_hz, strict=True)])
        self.latency.append(_first(right, answers.t_s, bout))
        self.confirm.append(_first(right & answers.confirmed, answers.t_s, bout))
        quiet = (answers.t_s > bout.end_s) & ~np.isfinite(answers.cadence_hz)
        stopped_s = min(float(answers.t_s[quiet][0]) if quiet.any() else until_s, until_s) - bout.end_s
        self.stop_s.append(stopped_s)
        self.stop.append(stopped_s / bout.period_s(bout.end_s))

    @staticmethod
    def _right(bout: Bout, t_s: float, said_hz: float) -> bool:
        if not bout.start_s < t_s <= bout.end_s or not np.isfinite(said_hz):
            return False
        true = bout.cadence_hz(t_s)
        return bool(abs(said_hz - true) <= max(RIGHT_RATIO * true, RIGHT_CPM / 60))

    def figures(self) -> dict[str, float]:
        """Give the columns under plain names; shares from 0 to 1."""
        ratio = np.array(self.error_ratio)
        error = np.array(self.error_cpm)
        found = np.isfinite(error)
        out = {
            "coverage": _mean(found),
            "within_2cpm": _mean(error <= 2.0),
            "within_5pct": _mean(ratio <= 0.05),
            "mae_cpm": _mean(error[found]),
            "octave": _mean(np.array(self.octave)),
            "kind_right": _mean(np.array(self.kind_right)),
            "rest_false": _mean(np.array(self.rest)),
            "rest_false_confirmed": _mean(np.array(self.rest_confirmed)),
            "count_within_1": _mean(np.array(self.count_error) <= 1.0) if self.count_error else float("nan"),
            "count_mae": _mean(np.array(self.count_error)),
            "stop_s_p50": _quantile(self.stop_s, 0.5),
            "never": _mean(~np.isfinite(np.array(self.latency))) if self.latency else float("nan"),
            "ms_per_s": 1000 * self.cost_s / max(self.signal_s, 1e-9),
        }
        for name, values in (
            ("cycles_to_first_right", self.latency),
            ("cycles_to_confirmed", self.confirm),
            ("stop_cycles", self.stop),
        ):
            out[f"{name}_p50"], out[f"{name}_p90"] = _quantile(values, 0.5), _quantile(values, 0.9)
        return out


def _first(right: npt.NDArray[np.bool_], t_s: FloatArray, bout: Bout) -> float:
    """Give the cycles since onset at the first of three right updates in a row; infinite when there are none."""
    three = right[:-2] & right[1:-1] & right[2:] if len(right) > 2 else right[:0]
    return float(np.interp(t_s[int(np.argmax(three))], bout.t_s, bout.phase)) if three.any() else float("inf")


def _mean(values: npt.NDArray[np.bool_] | FloatArray) -> float:
    return float(np.mean(values)) if len(values) else float("nan")


def _quantile(values: list[float], q: float) -> float:
    return float(np.quantile(values, q, method="higher")) if values else float("nan")
