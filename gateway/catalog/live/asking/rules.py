"""How long answers and failures are kept, how patient a flight is, and how much there may be of each."""

from dataclasses import dataclass, field

from gateway.catalog.live.asking.breaker import BreakerRules


@dataclass(frozen=True, slots=True)
class AskingRules:
    """Times in seconds. `revalidate` and `stale` both begin where `fresh` ends, as in RFC 5861.

    `patience` ends a flight, however long its callers wait; `flights` bounds those of one platform, `kept_records` the
    records of all kept answers, `recent_records` the hits that can be fetched again within `recent` seconds. A failure
    is answered from memory for `negative` seconds; a platform that asks to slow down is left alone as long as it says,
    at most `longest_hold`.
    """

    fresh: float = 10.0
    revalidate: float = 60.0
    stale: float = 900.0
    negative: float = 2.0
    longest_hold: float = 60.0
    patience: float = 10.0
    flights: int = 32
    kept_records: int = 5_000
    recent: float = 900.0
    recent_records: int = 2_000
    breaker: BreakerRules = field(default_factory=BreakerRules)

    @property
    def longest(self) -> float:
        """Seconds after which a kept answer serves nothing any more."""
        return self.fresh + max(self.revalidate, self.stale)
