"""Timestamps and nonces come in the spellings platforms ask for."""

import re
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from connectors.credentials.stamps import NonceForm, TimestampForm, timestamp

INSTANT = datetime(2026, 11, 1, 18, 30, 5, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("seconds", "1793557805"),
        ("milliseconds", "1793557805250"),
        ("iso", "2026-11-01T18:30:05Z"),
        ("rfc822", "Sun, 01 Nov 2026 18:30:05 GMT"),
        ("yyyyMMddHHmmss", "20261102023005"),
        ("yyyy-MM-dd HH:mm:ss", "2026-11-02 02:30:05"),
    ],
)
def test_an_instant_in_every_form(form: TimestampForm, expected: str) -> None:
    assert timestamp(INSTANT, form) == expected


@pytest.mark.parametrize(
    ("form", "pattern"),
    [
        (NonceForm(), r"[0-9a-f]{32}"),
        (NonceForm(style="digits", length=8), r"[0-9]{8}"),
        (NonceForm(style="letters", length=16), r"[A-Za-z]{16}"),
        (NonceForm(style="alphanumeric", length=128), r"[A-Za-z0-9]{128}"),
        (NonceForm(style="uuid"), r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
    ],
)
def test_nonces_have_their_alphabet_and_length_and_differ(form: NonceForm, pattern: str) -> None:
    drawn = [form.fresh() for _ in range(50)]
    assert all(re.fullmatch(pattern, nonce) for nonce in drawn)
    assert len(set(drawn)) >= 49  # eight digits may meet once in a lifetime


@pytest.mark.parametrize("length", [0, 5, 129])
def test_lengths_that_can_be_guessed_or_do_not_fit_are_refused(length: int) -> None:
    with pytest.raises(ValidationError):
        NonceForm(length=length)
