"""Credit rules: those that come with the product, those of operators' files, and those that conversions rest on."""

import functools
import importlib.resources
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, insert, select, update

from gateway.errors import InvalidInput
from gateway.storage import LEDGER, Database, reserve_numbers
from gateway.storage.tables import CreditRuleRow
from schema.credit import CreditRule
from schema.regions import region_tree

_RULES = CreditRuleRow.metadata.tables["credit_rules"]
_FILE = TypeAdapter(list[CreditRule])


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules by id, also those that are only named by older awards, and which of them new conversions may use."""

    in_force: tuple[CreditRule, ...] = ()
    by_id: Mapping[str, CreditRule] = field(default_factory=dict)

    @classmethod
    def of(cls, in_force: Iterable[CreditRule], retired: Iterable[CreditRule] = ()) -> "Rules":
        """Rules in force in the order of their ids, and retired ones."""
        ordered = tuple(sorted(in_force, key=lambda rule: (rule.code, rule.version)))
        return cls(ordered, {rule.id: rule for rule in (*ordered, *retired)})

    def listed(self, region: str | None = None, on: date | None = None) -> tuple[CreditRule, ...]:
        """Rules in force, by code and version: of a region and those around it, and valid on a day, where given.

        Raises InvalidInput where no region has the code.
        """
        around = None if region is None else known_region(region)
        return tuple(
            rule
            for rule in self.in_force
            if (around is None or rule.region in around) and (on is None or is_valid(rule, on))
        )


def is_valid(rule: CreditRule, on: date) -> bool:
    """Whether activities that begin on this day may be converted by a rule."""
    return rule.valid_from <= on and (rule.valid_to is None or on <= rule.valid_to)


def known_region(code: str) -> tuple[str, ...]:
    """The region with all around it, from the nation down; raises InvalidInput where none has the code."""
    region = region_tree().current(code)
    if region is None:
        raise InvalidInput(f"{code!r} is no known GB/T 2260 region code such as '500103'")
    return region_tree().path(region.code)


@functools.cache
def builtin_rules() -> tuple[CreditRule, ...]:
    """The rules in `schema/data/credit_rules`, by code and version."""
    folder = importlib.resources.files("schema").joinpath("data", "credit_rules")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".json")), key=lambda file: file.name)
    found = [rule for file in files for rule in _parsed(file.name, file.read_bytes())]
    return checked_rules(found)


def read_rules(path: Path) -> tuple[CreditRule, ...]:
    """The rules in an operator's file: a JSON list.

    Raises InvalidInput, which says in which rule of which file what is wrong.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}; write a JSON list of credit rules there") from None
    return checked_rules(_parsed(str(path), content))


def checked_rules(rules: Iterable[CreditRule]) -> tuple[CreditRule, ...]:
    """Rules of several files together, by code and version; raises InvalidInput where two have one id."""
    listed = sorted(rules, key=lambda rule: (rule.code, rule.version))
    twice = [name for name, count in Counter(rule.id for rule in listed).items() if count > 1]
    if twice:
        raise InvalidInput(f"credit rule {twice[0]} is stated twice; give one of them another code or a higher version")
    return tuple(listed)


async def synchronize_rules(database: Database, now: datetime, rules: Iterable[CreditRule]) -> None:
    """Make these the rules in force: new versions are added, and those not named serve only awards that rest on them.

    A rule that was not named for a while and is again comes back into force. Raises InvalidInput, and changes nothing,
    where a known version has another content.
    """
    listed = checked_rules(rules)
    await database.transact(lambda connection: _synchronize(connection, now, listed))


def load_rules(connection: Connection) -> Rules:
    """All rules that were ever in force."""
    rows = connection.execute(select(_RULES.c.body, _RULES.c.retired_at)).all()
    parsed = [(_stored(body), retired_at) for body, retired_at in rows]
    return Rules.of(
        (rule for rule, retired in parsed if retired is None), (rule for rule, retired in parsed if retired)
    )


@functools.lru_cache(maxsize=2_000)
def _stored(body: str) -> CreditRule:
    return CreditRule.model_validate_json(body)


def _synchronize(connection: Connection, now: datetime, rules: tuple[CreditRule, ...]) -> None:
    reserve_numbers(connection, LEDGER, 0)  # no conversion meanwhile, and no other process that does the same
    known = load_rules(connection).by_id
    for rule in rules:
        if rule.id in known and known[rule.id] != rule:
            free = max(each.version for each in known.values() if each.code == rule.code) + 1
            raise InvalidInput(
                f"credit rule {rule.id} is already known with another content, and awards may rest on it; "
                f"give the changed rule version {free}"
            )
    new = [_row(rule, now) for rule in rules if rule.id not in known]
    if new:
        connection.execute(insert(_RULES), new)
    named = [rule.id for rule in rules]
    back = update(_RULES).where(_RULES.c.id.in_(named), _RULES.c.retired_at.is_not(None))
    connection.execute(back.values(retired_at=None))
    gone = update(_RULES).where(_RULES.c.id.not_in(named), _RULES.c.retired_at.is_(None))
    connection.execute(gone.values(retired_at=now))


def _row(rule: CreditRule, now: datetime) -> dict[str, Any]:
    body = rule.model_dump_json(by_alias=True)
    said = {"code": rule.code, "version": rule.version, "region": rule.region, "sample": rule.sample}
    return {"id": rule.id, **said, "body": body, "added_at": now, "retired_at": None}


def _parsed(name: str, content: bytes) -> list[CreditRule]:
    """Raises InvalidInput with the place: the file, the rule and the key."""
    try:
        orjson.loads(content)
        rules = _FILE.validate_json(content)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"{name}, line {error.lineno}, column {error.colno}: no JSON ({error.msg})") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise InvalidInput(f"{name}{_place(first['loc'])}: {first['msg']}") from None
    for number, rule in enumerate(rules, 1):
        _check(f"{name}, rule {number} ({rule.id})", rule)
    return rules


def _place(location: tuple[int | str, ...]) -> str:
    if not location:
        return ""
    number, *keys = location
    within = ".".join(str(key) for key in keys)
    return f", rule {int(number) + 1}" + (f", {within}" if within else "")


def _check(place: str, rule: CreditRule) -> None:
    if region_tree().get(rule.region) is None:
        raise InvalidInput(f"{place}: region {rule.region!r} is not a GB/T 2260 code such as '500103'")
    if "@" in rule.code:
        raise InvalidInput(f"{place}: the code must be without @, which stands before the version")
    if len({cap.scope for cap in rule.caps}) < len(rule.caps):
        raise InvalidInput(f"{place}: two caps have one scope; keep the lower one")
    if len({share.role for share in rule.shares}) < len(rule.shares):
        raise InvalidInput(f"{place}: two shares are of one role; keep one of them")
