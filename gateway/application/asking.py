"""The operator's choices for live search, as asking wants them."""

from gateway.catalog.live.asking import AskingRules
from gateway.settings import Settings


def asking_rules(settings: Settings) -> AskingRules:
    """How long answers are kept, how patient a call is and how much there may be of both; the rest are defaults."""
    return AskingRules(
        fresh=settings.live_fresh_seconds,
        revalidate=settings.live_revalidate_seconds,
        stale=settings.live_stale_seconds,
        patience=settings.live_patience_seconds,
        flights=settings.live_flights,
        kept_records=settings.live_kept_records,
    )
