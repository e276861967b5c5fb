"""The operator's choices reach live search, and the defaults of both are the same."""

from dataclasses import replace

from gateway.application.asking import asking_rules
from gateway.catalog.live.asking import AskingRules
from gateway.settings import Settings


def test_without_choices_the_rules_are_the_defaults() -> None:
    assert asking_rules(Settings()) == AskingRules()


def test_every_choice_reaches_its_rule() -> None:
    chosen = Settings(
        live_fresh_seconds=1,
        live_revalidate_seconds=2,
        live_stale_seconds=3,
        live_patience_seconds=4,
        live_flights=5,
        live_kept_records=6,
    )
    assert asking_rules(chosen) == replace(
        AskingRules(), fresh=1.0, revalidate=2.0, stale=3.0, patience=4.0, flights=5, kept_records=6
    )
