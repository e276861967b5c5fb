"""Caps of a listing: what they may be."""

import pytest
from pydantic import ValidationError

from connectors.paging.model import Caps


def test_caps_go_up_to_their_ceilings() -> None:
    highest = Caps(max_pages=1_000_000, max_bytes=64 * 1024**3, max_seconds=86_400)
    assert (highest.max_pages, highest.max_bytes, highest.max_seconds) == (1_000_000, 68_719_476_736, 86_400)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("maxPages", 1_000_001),
        ("maxBytes", 64 * 1024**3 + 1),
        ("maxSeconds", 86_400.5),
        ("maxSeconds", float("inf")),
        ("maxSeconds", float("nan")),
        ("maxSeconds", 0),
    ],
)
def test_caps_that_would_not_end_a_run_are_refused(name: str, value: float) -> None:
    with pytest.raises(ValidationError, match=name):
        Caps.model_validate({name: value})
