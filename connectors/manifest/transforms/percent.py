"""Shares."""

from decimal import Decimal
from typing import Any

from connectors.manifest.transforms.decimal import decimal
from connectors.manifest.transforms.reading import shown

WRITTEN = ("signed", "hundredths", "fraction")


def check_options(*, bare: str = "signed") -> None:
    """What a number without a percent sign means has to be known."""
    if bare not in WRITTEN:
        raise ValueError(f"{bare!r} is none of {', '.join(WRITTEN)}")


def percent(value: Any, *, bare: str = "signed") -> float:
    """A share of one from `85%` or `百分之85`; `bare` says what a number without a sign is.

    `signed` (default) refuses it, `hundredths` reads 85 as 0.85, `fraction` reads 0.85 as it is.

    >>> [percent("85%"), percent("百分之12.5"), percent(85, bare="hundredths")]
    [0.85, 0.125, 0.85]
    """
    written = str(value).strip() if isinstance(value, str) else value
    if isinstance(written, str) and (written.endswith(("%", "％")) or written.startswith("百分之")):
        return float(Decimal(decimal(written.removeprefix("百分之").rstrip("%％"))) / 100)
    if bare == "signed":
        raise ValueError(f"a share such as 85% was expected, not {shown(value)}; the option 'bare' reads bare numbers")
    number = Decimal(decimal(written))
    return float(number / 100 if bare == "hundredths" else number)
