"""Claims of a token: roles within regions, scopes and names; what is not known is refused, never guessed."""

from collections.abc import Mapping
from typing import Any

from gateway.identity import Grant, Role, Scope
from schema.regions import region_tree

LONGEST_TEXT = 190
"""Characters of a subject, so that it fits where who did something is written down."""
MOST_ROLES = 50
SCOPES = {"shanhai:read": Scope.READ, "shanhai:write": Scope.WRITE}


class ClaimRefused(Exception):
    """A claim that cannot be used; the message names it and says what is possible."""


def text_of(claims: Mapping[str, Any], name: str) -> str:
    """A claim that is short, printable text."""
    value = claims.get(name)
    if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > LONGEST_TEXT:
        raise ClaimRefused(f"the `{name}` of the token is no text of 1 to {LONGEST_TEXT} printable characters")
    return value


def granted(claim: object) -> tuple[Grant, ...]:
    """Grants of a list of `"ROLE"`, `"ROLE:500103"` or `{"role", "region"}`; none where there is no such claim."""
    if claim is None:
        return ()
    if not isinstance(claim, list) or len(claim) > MOST_ROLES:
        raise ClaimRefused(f"the `shanhai_roles` of the token is no list of at most {MOST_ROLES} roles")
    return tuple(dict.fromkeys(_grant(each) for each in claim))


def _grant(entry: object) -> Grant:
    match entry:
        case str():
            return grant_of(entry)
        case {"role": str(role), **more} if set(more) <= {"region"}:
            region = more.get("region")
            if region is None or isinstance(region, str):
                return _known(role, region)
    raise ClaimRefused('a role of the token is neither text such as "TEACHER:500103" nor an object of role and region')


def grant_of(text: str) -> Grant:
    """The grant that `ROLE` or `ROLE:500103` says; raises ClaimRefused for roles and regions that there are not."""
    role, has_region, region = text.partition(":")
    return _known(role, region if has_region else None)


def _known(role: str, region: str | None) -> Grant:
    if role not in Role.__members__:
        raise ClaimRefused(f"there is no role {role[:30]!r}; there are {', '.join(Role)}")
    if region is not None and region_tree().get(region) is None:
        raise ClaimRefused(f"there is no region {region[:20]!r}; write a GB/T 2260 code such as 500103")
    return Grant(Role(role), region)


def scopes_of(claim: object) -> frozenset[Scope]:
    """Scopes of a text such as `openid shanhai:read`; both where it names neither of ours."""
    if claim is None:
        return frozenset(Scope)
    if not isinstance(claim, str):
        raise ClaimRefused("the `scope` of the token is no text with spaces between scopes")
    return frozenset(SCOPES[each] for each in claim.split() if each in SCOPES) or frozenset(Scope)
