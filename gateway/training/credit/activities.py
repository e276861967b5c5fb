"""Same activity, one credit: which reports of one teacher tell of one activity, and which of them is credited.

False links hurt more than missing ones: only reports with the same title and kind are ever compared, and no two
sessions of one platform are put together unless the platform itself says that they are one. Of reports that were
entered by hand those are one that say the same twice.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from gateway.keyed import KeyedHash
from gateway.training.credit.claims import Claim
from schema.text import copy_form, search_form

TOUCHING = 1
"""Days from the last day of one report to the first of another that follows it without a day between."""
AWARD_DAYS = 31
"""A report without a last day tells the day of the award, which comes up to so many days after the activity."""

Cluster = tuple[Claim, ...]
Earns = Callable[[Claim], bool]
"""Whether a report that counts gets an award where no other one is preferred: some rule converts it into hours."""
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


def reports(claims: Iterable[Claim]) -> tuple[Cluster, ...]:
    """The reports of every activity of one teacher, by id; rejected, revoked and erased records report none.

    Which belong together does not depend on rules, only on what they say.
    """
    clusters = _duplicates(claim for claim in claims if claim.is_alive)
    grouped = (group for same in _comparable(clusters).values() for group in _matched(same))
    found = [tuple(sorted((c for cluster in group for c in cluster), key=lambda c: c.id)) for group in grouped]
    return tuple(sorted(found, key=lambda together: together[0].id))


def judged(together: Cluster, earns: Earns, awarded: Collection[str] = ()) -> Activity:
    """Which report of one activity is credited; `awarded` are ids of records with an award in force.

    Rules may have changed since an award was made. Until its teacher is posted again, the report that has it is told.
    """
    if len(together) == 1:
        [only] = together
        return Activity(together, only, "仅此一份报告") if only.is_recognized else Activity(together, None, "尚未认定")
    told = f"同一活动有 {len(together)} 份报告："
    order = (*_STANDING, (lambda claim: not earns(claim), _EARNS), *_SAID)
    best, second, *_ = sorted(together, key=lambda claim: tuple(of(claim) for of, _ in order))
    if not best.is_recognized:
        return Activity(together, None, f"{told}尚无一份通过认定，均未计入")
    before = next((claim for claim in together if claim.id in awarded), best)
    if before is not best:
        return Activity(together, before, f"{told}{_BEFORE}")
    return Activity(together, best, told + next(words for of, words in order if of(best) != of(second)))


def activities(claims: Iterable[Claim], earns: Earns) -> tuple[Activity, ...]:
    """Every activity of one teacher, by the ids of reports."""
    return tuple(judged(together, earns) for together in reports(claims))


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


_Order = tuple[tuple[Callable[[Claim], object], str], ...]
_STANDING: _Order = (
    (lambda claim: not claim.is_recognized, "以已认定的一份计入，其余尚未认定，不重复计入"),
    (lambda claim: not claim.counts, "以已完成并符合计入条件的一份计入，其余不重复计入"),
)
_EARNS = "以有适用规则、可换算学时的一份计入，其余没有适用规则，不重复计入"
_SAID: _Order = (
    (lambda claim: claim.ends_on is None, "以写明结束日期的一份计入，其余不重复计入"),
    (lambda claim: claim.program is None, "以写明联合项目的一份计入，其余不重复计入"),
    (lambda claim: claim.starts_on, "以开始日期较早的一份计入，其余不重复计入"),
    (lambda claim: claim.id, "各份报告相当，按编号先后取一份计入，其余不重复计入"),
)
"""What speaks for a report, most important first, and how that is told; between the two stands whether it earns."""
_BEFORE = "以先前按当时规则计入的一份为准，规则变更后尚未重新核算，其余不重复计入"


def _preference(claim: Claim) -> tuple[object, ...]:
    """Which of several reports of one session speaks for it when sessions are compared: here no rule matters."""
    return tuple(of(claim) for of, _ in (*_STANDING, *_SAID))
