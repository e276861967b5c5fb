"""Bounded values that records are made of."""

from typing import Annotated

from pydantic import Field, StringConstraints

# PostgreSQL holds no NUL in text: such a record is refused by itself instead of failing its whole page.
_NO_NUL = r"^[^\x00]*$"

Text = Annotated[str, StringConstraints(min_length=1, max_length=1_000, pattern=_NO_NUL)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=20_000, pattern=_NO_NUL)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=_NO_NUL)]
PlatformCode = Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
"""Lower case letters and digits with single hyphens: it names environment variables and addresses."""
NativeId = Annotated[str, StringConstraints(min_length=1, max_length=250, pattern=r"^[^\x00-\x1f]+$")]
RegionCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Url = Annotated[str, StringConstraints(max_length=2_000, pattern=r"^https?://[^\s]+$")]
Count = Annotated[int, Field(ge=0)]
