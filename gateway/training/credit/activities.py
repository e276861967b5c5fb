"""Same activity, one credit: which reports of one teacher tell of one activity, and which of them is credited.

False links hurt more than missing ones: only reports with the same title and kind are ever compared, and no two
sessions of one platform are put together unless the platform itself says that they are one. Of reports that were
entered by hand those are one that say the same twice.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gateway.keyed import KeyedHash
from gateway.training.credit.claims import Claim
from schema.text import copy_form, search_form

TOUCHING = 1
"""Days from the last day of one report to the first of another that follows it without a day between."""
AWARD_DAYS = 31
"""A report without a last day tells the day of the award, which comes up to so many days after the activity."""

Cluster = tuple[Claim, ...]
Pair = tuple[bool, int, int, int, str, str]
"""Two reports for sorting, the nearest first: whether they tell of different roles, days between them, days between
their starts and between their ends, and their ids."""


@dataclass(frozen=True, slots=True)
class Activity:
    """Reports of one activity, by id. `credited` is None while none is recognized; `reason` is a Chinese sentence."""

    reports: tuple[Claim, ...]
    credited: Claim | None
    reason: str


def activity_key(keys: KeyedHash, title: str) -> str:
    """Keyed hash of a title, equal however the title is punctuated, spaced or widened; 64 hexadecimal digits."""
    return keys.hex("title", copy_form(title) or search_form(title))


def activities(claims: Iterable[Claim]) -> tuple[Activity, ...]:
    """Every activity of one teacher, by the ids of reports; rejected, revoked and erased records report none."""
    clusters = _duplicates(claim for claim in claims if claim.is_alive)
    grouped = (group for same in _comparable(clusters).values() for group in _matched(same))
    found = [_judged(tuple(sorted((c for cluster in group for c in cluster), key=lambda c: c.id))) for group in grouped]
    return tuple(sorted(found, key=lambda activity: activity.reports[0].id))


def _duplicates(claims: Iterable[Claim]) -> list[Cluster]:
    """Reports that tell one session of one platform twice are one cluster."""
    found: dict[tuple[object, ...], list[Claim]] = defaultdict(list)
    for claim in claims:
        found[_session(claim)].append(claim)
    return [tuple(sorted(same, key=_preference)) for same in found.values()]


def _session(claim: Claim) -> tuple[object, ...]:
    """What names a session: the activity, day and role of its platform, or all that was entered by hand."""
    if claim.platform == "":
        return claim.activity_key, claim.kind, claim.role, claim.starts_on, claim.quantity, claim.unit
    if claim.activity_id is None:
        return (claim.id,)
    return claim.platform, claim.activity_id, claim.starts_on, claim.role


def _comparable(clusters: Iterable[Cluster]) -> dict[tuple[object, ...], list[Cluster]]:
    """Clusters by title and kind; of a cluster its preferred report speaks."""
    found: dict[tuple[object, ...], list[Cluster]] = defaultdict(list)
    for cluster in clusters:
        found[cluster[0].activity_key, cluster[0].kind].append(cluster)
    return found


def _matched(clusters: Sequence[Cluster]) -> list[list[Cluster]]:
    """Groups with at most one cluster of each platform: the nearest pairs are joined first."""
    group_of = {cluster[0].id: [cluster] for cluster in clusters}
    for *_, first, second in sorted(_pairs([cluster[0] for cluster in clusters])):
        one, other = group_of[first], group_of[second]
        if one is not other and not {c[0].platform for c in one} & {c[0].platform for c in other}:
            one.extend(other)
            group_of.update((cluster[0].id, one) for cluster in other)
    return list({id(group): group for group in group_of.values()}.values())


def _pairs(claims: Iterable[Claim]) -> Iterator[Pair]:
    """Every pair that can be of one activity; of each report only those are looked at that begin soon enough."""
    ordered = sorted(claims, key=lambda claim: (claim.starts_on, claim.id))
    for place, first in enumerate(ordered):
        last = first.ends_on or first.starts_on
        for after in range(place + 1, len(ordered)):
            second = ordered[after]
            if (second.starts_on - last).days > AWARD_DAYS:
                break
            pair = _pair(first, second)
            if pair is not None:
                yield pair


def _pair(first: Claim, second: Claim) -> Pair | None:
    """How near two reports are, of which the first begins no later; None where they cannot be of one activity."""
    if first.platform == second.platform:
        return None
    apart = max((second.starts_on - (first.ends_on or first.starts_on)).days, 0)
    open_ended = first.ends_on is None or second.ends_on is None
    if apart > (AWARD_DAYS if open_ended else TOUCHING):
        return None
    ends = (first.ends_on or first.starts_on), (second.ends_on or second.starts_on)
    starts, other_role = (second.starts_on - first.starts_on).days, first.role is not second.role
    low, high = sorted((first.id, second.id))
    return other_role, apart, starts, abs((ends[0] - ends[1]).days), low, high


_ORDER = (
    (lambda claim: not claim.is_recognized, "以已认定的一份计入，其余尚未认定，不重复计入"),
    (lambda claim: not claim.counts, "以已完成并符合计入条件的一份计入，其余不重复计入"),
    (lambda claim: claim.ends_on is None, "以写明结束日期的一份计入，其余不重复计入"),
    (lambda claim: claim.program is None, "以写明联合项目的一份计入，其余不重复计入"),
    (lambda claim: claim.starts_on, "以开始日期较早的一份计入，其余不重复计入"),
    (lambda claim: claim.id, "各份报告相当，按编号先后取一份计入，其余不重复计入"),
)
"""What speaks for a report, most important first, and how that is told."""


def _preference(claim: Claim) -> tuple[object, ...]:
    return tuple(of(claim) for of, _ in _ORDER)


def _judged(reports: tuple[Claim, ...]) -> Activity:
    best, *others = sorted(reports, key=_preference)
    count = f"同一活动有 {len(reports)} 份报告："
    if not best.is_recognized:
        return Activity(reports, None, f"{count}尚无一份通过认定，均未计入" if others else "尚未认定")
    if not others:
        return Activity(reports, best, "仅此一份报告")
    why = next(words for of, words in _ORDER if of(best) != of(others[0]))
    return Activity(reports, best, f"{count}{why}")
