"""What paging is made of: a step to ask, its answer, and a pager that says which step comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a listing.

    `parameters` are added to the listing's request (its query, or its JSON body where it has one); `url` replaces the
    address altogether and then no parameters are added. The answer of an `index` step holds no records. `position` is
    what a checkpoint keeps of the step.
    """

    parameters: Mapping[str, str | int] = field(default_factory=dict)
    url: str | None = None
    index: bool = False
    position: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a pager may know of an answer: its decoded body, its headers, its address and how many records it held."""

    body: Any
    headers: Mapping[str, str]
    url: str
    records: int


class Pager(Protocol):
    """Walks one listing."""

    def start(self, position: Mapping[str, str | int] | None) -> Step:
        """The first step, or the step that a checkpoint's position names."""
        ...

    def after(self, step: Step, answer: Answer) -> Step | None:
        """The step after this one, None when the listing is complete; raises `PagingError`."""
        ...

    def expected(self, answer: Answer) -> int | None:
        """How many records the platform says the listing holds."""
        ...


def follow(steps: Sequence[Step], index: int) -> Step | None:
    """The step at `index`, None past the end."""
    return steps[index] if index < len(steps) else None
