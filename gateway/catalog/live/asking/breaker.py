"""A circuit breaker: asks no more of a platform that fails, and tries with one probe whether it has recovered.

closed ── too many failures ──▶ open ── its pause is over ──▶ one probe ── success ──▶ closed
                                 ▲                                  │
                                 └──── failure: a pause twice as long
"""

from collections import deque
from dataclasses import dataclass
from enum import Enum, auto

MOST_OUTCOMES = 200
"""Outcomes that a window holds, so that a busy platform costs no more memory than a quiet one."""


class Verdict(Enum):
    """What an attempt says about the platform."""

    ANSWERED = auto()
    FAILED = auto()
    UNREACHED = auto()
    """Nothing: the platform was never asked."""


@dataclass(frozen=True, slots=True)
class BreakerRules:
    """When a circuit opens, and for how long; times in seconds.

    It opens after `in_a_row` failures without a success between, or when of at least `least` outcomes within `window` a
    share of `share` are failures. Its first pause is `pause`; every probe that fails doubles it, up to `longest_pause`.
    """

    in_a_row: int = 5
    share: float = 0.5
    least: int = 20
    window: float = 30.0
    pause: float = 5.0
    longest_pause: float = 60.0


class Breaker:
    """One circuit. The caller brings the time (seconds of any monotonic clock) and settles whatever was admitted."""

    def __init__(self, rules: BreakerRules) -> None:
        self._rules = rules
        self._outcomes: deque[tuple[float, bool]] = deque()
        self._failed = 0
        self._in_a_row = 0
        self._failing_since: float | None = None
        self._round = 0
        self._probing = False
        self._retry_at: float | None = None
        self._pause = rules.pause

    @property
    def failures(self) -> int:
        """Failures since the last success."""
        return self._in_a_row

    @property
    def failing_since(self) -> float | None:
        """When the first of these failures came; None where the last outcome was a success, or there was none."""
        return self._failing_since

    @property
    def is_open(self) -> bool:
        """Whether it has opened and not closed since: also when its pause is over, and while a probe is under way."""
        return self._retry_at is not None

    def refuses(self, now: float) -> bool:
        """Whether a question that came now would not be asked: the pause goes on, or a probe is under way."""
        return self._retry_at is not None and (self._probing or now < self._retry_at)

    def retry_at(self, now: float) -> float | None:
        """The instant from which a probe is let through; None where it is not known, or no instant to come."""
        paused = self._retry_at is not None and now < self._retry_at and not self._probing
        return self._retry_at if paused else None

    def admit(self, now: float) -> int | None:
        """What `settle` wants back with the outcome; None where the platform must not be asked."""
        if self.refuses(now):
            return None
        self._probing = self._retry_at is not None
        return self._round

    def settle(self, admitted: int, verdict: Verdict, now: float) -> None:
        """Note an outcome; what was admitted before the circuit last opened or closed says nothing any more."""
        if admitted != self._round:
            return
        probe, self._probing = self._probing, False
        if verdict is Verdict.UNREACHED:
            return
        failed = verdict is Verdict.FAILED
        self._in_a_row = self._in_a_row + 1 if failed else 0
        if not failed:
            self._failing_since = None
        elif self._failing_since is None:
            self._failing_since = now
        if probe:
            self._open(now) if failed else self._close()
            return
        self._note(now, failed)
        if failed and self._too_many():
            self._open(now)

    def _note(self, now: float, failed: bool) -> None:
        outcomes = self._outcomes
        while outcomes and (outcomes[0][0] <= now - self._rules.window or len(outcomes) >= MOST_OUTCOMES):
            self._failed -= outcomes.popleft()[1]
        outcomes.append((now, failed))
        self._failed += failed

    def _too_many(self) -> bool:
        seen = len(self._outcomes)
        in_a_row = self._in_a_row >= self._rules.in_a_row
        return in_a_row or (seen >= self._rules.least and self._failed >= self._rules.share * seen)

    def _open(self, now: float) -> None:
        self._retry_at = now + self._pause
        self._pause = min(2 * self._pause, self._rules.longest_pause)
        self._restart()

    def _close(self) -> None:
        self._retry_at = None
        self._pause = self._rules.pause
        self._restart()

    def _restart(self) -> None:
        self._round += 1
        self._outcomes.clear()
        self._failed = 0
