"""Sharing agreements as the graph reads and proposes them, and what an agreement has to be."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from unicodedata import category

from gateway.clock import CHINA
from gateway.errors import InvalidInput
from gateway.identity import Purpose
from gateway.personal import OPEN_FIELDS, PERSONAL_FIELDS
from schema.credit import AgreementState
from schema.national_ids import has_national_id
from schema.regions import region_tree

LONGEST_BASIS = 2_000
LONGEST_REASON = 1_000
_SHOWN = 60
"""Characters of a client's text that a message repeats."""
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Kinds of characters that no text holds; `str.isprintable` would refuse the space of Chinese text, too."""


@dataclass(frozen=True, slots=True)
class AgreementDraft:
    """An agreement to propose."""

    from_region: str
    to_region: str
    purposes: tuple[Purpose, ...]
    fields: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    basis: str


@dataclass(frozen=True, slots=True)
class AgreementView:
    """An agreement; `state` is that of today."""

    id: str
    from_region: str
    to_region: str
    purposes: tuple[Purpose, ...]
    fields: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    state: AgreementState
    basis: str


def today(now: datetime) -> date:
    """The day in China, by which agreements begin and end."""
    return now.astimezone(CHINA).date()


def state_on(day: date, state: AgreementState, valid_to: date | None) -> AgreementState:
    """How an agreement stands on a day: what was not revoked has expired after its last day."""
    ended = valid_to is not None and valid_to < day
    return AgreementState.EXPIRED if ended and state is not AgreementState.REVOKED else state


def check_regions(draft: AgreementDraft) -> None:
    """Raises InvalidInput unless these are two known regions of which neither lies in the other."""
    tree = region_tree()
    for name, code in (("fromRegion", draft.from_region), ("toRegion", draft.to_region)):
        if tree.get(code) is None:
            near = tree.current(code) or tree.find(code)
            hint = f"; did you mean {near.code!r} ({near.name})?" if near else ""
            raise InvalidInput(f"{name}: {code[:_SHOWN]!r} is no GB/T 2260 code of a region such as '500103'{hint}")
    if draft.from_region == draft.to_region:
        raise InvalidInput(f"toRegion: {draft.to_region} is also fromRegion; an agreement is between two regions")
    if tree.is_within(draft.from_region, draft.to_region) or tree.is_within(draft.to_region, draft.from_region):
        raise InvalidInput(
            f"toRegion: of {draft.from_region} and {draft.to_region} one lies in the other and is seen from there"
        )


def checked(draft: AgreementDraft, day: date) -> AgreementDraft:
    """The draft as it is kept, sorted and without repetitions; raises InvalidInput for what no agreement can be."""
    check_regions(draft)
    purposes = tuple(purpose for purpose in Purpose if purpose in draft.purposes)
    if not purposes:
        raise InvalidInput("purposes: an agreement names at least one")
    if Purpose.AUDIT in purposes:
        raise InvalidInput("purposes: AUDIT is for administrators of a region and cannot be shared")
    if draft.valid_to is not None and draft.valid_to < draft.valid_from:
        raise InvalidInput(f"validTo: {draft.valid_to} is before validFrom {draft.valid_from}")
    if draft.valid_to is not None and draft.valid_to < day:
        raise InvalidInput(f"validTo: {draft.valid_to} is past; today is {day}")
    return AgreementDraft(
        from_region=draft.from_region,
        to_region=draft.to_region,
        purposes=purposes,
        fields=_checked_fields(draft.fields),
        valid_from=draft.valid_from,
        valid_to=draft.valid_to,
        basis=written(
            "basis", draft.basis, LONGEST_BASIS, "name the legal basis or the separate consent (PIPL art. 23)"
        ),
    )


def written(name: str, text: str, most: int, wanted: str) -> str:
    """Text of one or several lines without space around; raises InvalidInput where there is none, or too much."""
    kept = text.strip().replace("\r\n", "\n")
    if not kept:
        raise InvalidInput(f"{name}: {wanted}; it is empty")
    if len(kept) > most:
        raise InvalidInput(f"{name}: {len(kept)} characters are more than {most}")
    if any(category(each) in _UNPRINTABLE for each in kept if each not in "\n\t"):
        raise InvalidInput(f"{name}: holds characters that cannot be printed; send plain text")
    if has_national_id(kept):
        raise InvalidInput(f"{name}: leave out the national id; it is never stored")
    return kept


def _checked_fields(fields: Iterable[str]) -> tuple[str, ...]:
    named = sorted(set(fields))
    if not named:
        raise InvalidInput("fields: an agreement names at least one, such as 'TrainingRecord.title'")
    wrong = [name for name in named if name not in PERSONAL_FIELDS]
    if wrong:
        raise InvalidInput(f"fields: {'; '.join(_unknown(name) for name in wrong[:5])}")
    return tuple(named)


def _unknown(name: str) -> str:
    """What is wrong with the name of a field, with what was meant."""
    if name in OPEN_FIELDS:
        return f"{name!r} is shown with every record and is not named"
    short = name[:_SHOWN]
    own = {field.partition(".")[2]: field for field in sorted(PERSONAL_FIELDS)}
    near = get_close_matches(short, sorted(PERSONAL_FIELDS), 1, 0.7)
    near = near or [own[each] for each in get_close_matches(short.rpartition(".")[2], sorted(own), 1, 0.6)]
    hint = f"did you mean {near[0]!r}?" if near else "name coordinates such as 'TrainingRecord.title'"
    return f"{short!r} is no field that can be shared; {hint}"
