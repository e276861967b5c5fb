"""Fields that are objects or lists of them: people, schools, files, awards, links, reviews, and lists of tags."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from connectors.drafts import names
from connectors.drafts import values as looks
from connectors.drafts.columns import ENTRIES, Place, Render, inside, jmespath
from connectors.drafts.guessing import Guess, named_score
from connectors.drafts.rules import Table, coded, simple, words_table
from schema.vocabularies import VocabularyScheme

_SCHOOL = re.compile(r"学校|小学|中学|一中|二中|幼儿园|学院|中心校|实验校|职教中心|教育中心|School", re.IGNORECASE)
_HEX = re.compile(r"(?:[a-z0-9]+:)?[0-9a-fA-F]{32,128}")
_EXTENSION = r"\.(?P<value>[A-Za-z0-9]{1,8})$"
_RELATIONS = {
    word: code
    for code, words in {
        "BEFORE_CLASS": "课前 before before_class beforeclass preview 预习",
        "DURING_CLASS": "课中 during during_class duringclass 课堂",
        "AFTER_CLASS": "课后 after after_class afterclass 作业",
        "PART_OF": "part_of partof ispartof cycle 配套课程 对应课程 所属课程 属于",
        "HAS_PART": "has_part haspart part 包含 子课程",
        "LIVE_OF": "replay 回看 回放 课后回放",
        "REPLAY_OF": "live 直播 对应直播",
        "VERSION_OF": "version versionof isversionof 其他版本",
        "BASED_ON": "basedon isbasedon source 来源",
    }.items()
    for word in words.split()
}
_REVIEWS = {
    **dict.fromkeys(("已通过", "通过", "approved", "passed", "合格", "已审核"), "APPROVED"),
    **dict.fromkeys(("评审中", "审核中", "in_review", "pending", "reviewing", "待审核"), "IN_REVIEW"),
    **dict.fromkeys(("未评审", "未审核", "unreviewed", "none", "draft"), "UNREVIEWED"),
    **dict.fromkeys(("已撤回", "撤回", "withdrawn", "rejected", "未通过"), "WITHDRAWN"),
}
_ROLES = {"author": "AUTHOR", "creator": "AUTHOR", "authors": "AUTHOR", "作者": "AUTHOR"}


def guess_nested(places: Sequence[Place], render: Render) -> list[Guess]:
    """The nested fields of a resource."""
    found = (
        _contributors(places, render),
        _provider(places, render),
        _files(places, render),
        _awards(places, render),
        _related(places, render),
        _review(places, render),
    )
    return [guess for guess in found if guess is not None]


def school_of(places: Sequence[Place], render: Render) -> Guess | None:
    """The school of a training record."""
    return _provider(places, render, target="school")


def _objects(places: Sequence[Place], words: Sequence[str], deepest: int = 2) -> Iterator[tuple[Place, list[Place]]]:
    """Places that hold objects and are called so, the best first, with the places inside."""
    scored = [(named_score(place, words)[0] - place.depth, place) for place in places if place.entries]
    for score, place in sorted(scored, key=lambda one: -one[0]):
        if score > 4 and place.depth <= deepest:
            yield place, inside(place, places)


def _named(inner: Sequence[Place], words: Sequence[str], deepest: int = 1) -> Place | None:
    scored = [(named_score(place, words)[0] - place.depth, place) for place in inner if place.values]
    score, place = max(scored, key=lambda one: one[0], default=(0.0, None))
    return place if place is not None and score > 4 and place.depth <= deepest else None


def _each(place: Place, render: Render) -> str:
    steps = place.steps[:-1] if place.steps[-1] == ENTRIES else place.steps
    return render(steps, False)


def _key(place: Place) -> str:
    return next(step for step in reversed(place.steps) if step != ENTRIES)


def _region_in(inner: Sequence[Place]) -> Place | None:
    return next(
        (
            one
            for one in inner
            if one.values and one.depth <= 1 and looks.share(one.values, looks.is_region) >= looks.MOST
        ),
        None,
    )


def _organization(name: Place, render: Render, region: Place | None) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": render(name.steps, True)}
    if looks.share(name.values, lambda value: bool(_SCHOOL.search(str(value)))) >= 0.8:
        fields["kind"] = {"constant": "SCHOOL"}
    if region is not None:
        fields["region"] = render(region.steps, True)
    return fields


def _contributors(places: Sequence[Place], render: Render) -> Guess | None:
    for place, inner in _objects(places, names.PEOPLE, 1):
        name = _named(inner, names.PERSON_NAME, 0)
        if name is None or looks.share(name.values, lambda value: isinstance(value, str)) < 1:
            continue
        fields: dict[str, Any] = {"name": render(name.steps, True)}
        tables: dict[str, Table] = {}
        role = _named(inner, names.ROLE, 0)
        rule = coded("role", VocabularyScheme.CONTRIBUTOR_ROLE, render(role.steps, True), role) if role else None
        fields["role"] = rule.written if rule else {"constant": _role(place)}
        tables.update(rule.tables if rule else {})
        school = _named([one for one in inner if one is not name], names.SCHOOL)
        if school is not None:
            fields["organization"] = {"fields": _organization(school, render, _region_in(inner))}
        why = f"objects called {_key(place)} with a name"
        return Guess("contributors", {"each": _each(place, render), "fields": fields}, why, tables)
    return _named_people(places, render)


def _named_people(places: Sequence[Place], render: Render) -> Guess | None:
    name = _named(places, names.PEOPLE, 0)
    if name is None or max(map(len, name.texts)) > 60 or looks.share(name.values, lambda one: str(one).isdecimal()) > 0:
        return None
    if not all(isinstance(value, str) for value in name.values):
        return None
    rule: dict[str, Any] = {"each": render(name.steps, False)}
    mark = looks.separator(name.values) if render is jmespath else None
    if mark is not None:
        rule["split"] = mark
    rule["fields"] = {"name": render((), True), "role": {"constant": _role(name)}}
    return Guess("contributors", rule, f"called {_key(name)}")


def _role(place: Place) -> str:
    return _ROLES.get(names.folded(_key(place)), "LECTURER")


def _provider(places: Sequence[Place], render: Render, target: str = "provider") -> Guess | None:
    for place, inner in _objects(places, names.ORGANIZATIONS, 0):
        name = _named(inner, names.PLACE_NAME, 0)
        if name is not None:
            fields = _organization(name, render, _region_in(inner))
            path = _each(place, render)
            if place.many:
                path = render(place.steps, True)
            return Guess(target, {"path": path, "fields": fields}, f"an object called {_key(place)} with a name")
    near = [place for place in places if place.depth == 0 and not place.many]
    name = _named(near, names.ORGANIZATIONS, 0)
    if name is None or not all(isinstance(value, str) for value in name.values):
        return None
    return Guess(target, {"fields": _organization(name, render, _region_in(near))}, f"called {_key(name)}")


def _files(places: Sequence[Place], render: Render) -> Guess | None:
    lists = [
        (place, inner)
        for place in places
        if place.entries and place.steps[-1] == ENTRIES
        for inner in [inside(place, places)]
        if (url := _file_url(inner)) is not None and (_called_files(place) or _named(inner, names.FILE_SIZE, 0)) and url
    ]
    if not lists:
        return None
    place, inner = max(lists, key=lambda one: len(one[0].entries))
    parent = place.steps[:-2]
    siblings = [one.steps[-2] for one, _ in lists if one.steps[:-2] == parent and len(one.steps) == len(place.steps)]
    each = _each(place, render)
    if len(siblings) > 1 and render is jmespath and parent and ENTRIES not in parent:
        parts = ", ".join(jmespath((name,), True) for name in siblings)
        each = f"{jmespath(parent, False)}.[{parts}][][]"
    return Guess("files", {"each": each, "fields": _file_fields(inner, render)}, f"objects with an address in {each}")


def _called_files(place: Place) -> bool:
    return any(names.folded(step) in names.FILES for step in place.steps if step != ENTRIES)


def _file_url(inner: Sequence[Place]) -> Place | None:
    likely = [one for one in inner if one.values and looks.share(one.values, looks.is_address) >= looks.MOST]
    return _named(likely, names.FILE_URL, 1)


def _file_fields(inner: Sequence[Place], render: Render) -> dict[str, Any]:
    url = _file_url(inner)
    fields: dict[str, Any] = {"url": render(url.steps, True)} if url else {}
    kind, name = _named(inner, names.FILE_TYPE, 0), _named(inner, names.FILE_NAME, 0)
    if kind is not None and max(map(len, kind.texts)) <= 100:
        fields["mediaType"] = render(kind.steps, True)
    elif name is not None and looks.share(name.values, lambda value: "." in str(value)) > 0.8:
        fields["mediaType"] = {"path": render(name.steps, True), "match": _EXTENSION}
    size = _named(inner, names.FILE_SIZE, 0)
    if size is not None and looks.readable(size.values, ["integer"]) == 1:
        whole = all(looks.is_count(value) for value in size.values)
        fields["sizeBytes"] = simple(render(size.steps, True), **({} if whole else {"transform": "integer"}))
    digest = _named(inner, names.CHECKSUM, 0)
    if digest is not None and looks.share(digest.values, lambda value: bool(_HEX.fullmatch(str(value)))) == 1:
        fields["checksum"] = render(digest.steps, True)
    login = _named(inner, names.LOGIN, 0)
    if login is not None and all(isinstance(value, bool) for value in login.values):
        fields["requiresLogin"] = render(login.steps, True)
    return fields


def _awards(places: Sequence[Place], render: Render) -> Guess | None:
    for place, inner in _objects(places, names.AWARDS, 0):
        name, level = _named(inner, names.PLACE_NAME, 0), _named(inner, ("level", "jibie", "级别", "等级"), 0)
        if name is None:
            continue
        fields: dict[str, Any] = {"name": render(name.steps, True)}
        rule = coded("level", VocabularyScheme.LEVEL, render(level.steps, True), level) if level else None
        if rule is not None:
            fields["level"] = rule.written
        by = _named(inner, ("awardedby", "issuer", "颁发单位"), 0)
        if by is not None:
            fields["awardedBy"] = render(by.steps, True)
        tables = rule.tables if rule else {}
        return Guess("awards", {"each": _each(place, render), "fields": fields}, f"called {_key(place)}", tables)
    return None


def _related(places: Sequence[Place], render: Render) -> Guess | None:
    for place, inner in _objects(places, names.RELATED, 0):
        other = _named(inner, ("id", "resid", "resourceid", "lessonid", "nativeid", "ref", "编号"), 0)
        kind = _named(inner, ("relation", "rel", "type", "kind", "role", "关系"), 0)
        table = words_table(kind.distinct, _RELATIONS) if kind and other else None
        if table is not None and kind is not None and other is not None:
            fields = {"relation": {"path": render(kind.steps, True), "vocabulary": "relations"}}
            rule = {"each": _each(place, render), "fields": {**fields, "nativeId": render(other.steps, True)}}
            return Guess("related", rule, f"called {_key(place)}", {"relations": table})
    return None


def _review(places: Sequence[Place], render: Render) -> Guess | None:
    for place, inner in _objects(places, names.REVIEW, 0):
        status = _named(inner, names.STATUS, 0)
        table = words_table(status.distinct, _REVIEWS) if status else None
        if table is not None and status is not None:
            fields: dict[str, Any] = {"status": {"path": render(status.steps, True), "vocabulary": "reviews"}}
            for key, words in (
                ("reviewedBy", ("expertgroup", "reviewer", "by", "专家组")),
                ("standard", ("standard", "标准")),
            ):
                found = _named(inner, words, 0)
                if found is not None:
                    fields[key] = render(found.steps, True)
            when = _named(inner, ("reviewtime", "reviewedat", "time", "date", "reviewdate", "评审时间"), 0)
            days = looks.instants(when.values, day=True) if when else None
            if when is not None and days is not None:
                fields["reviewedAt"] = {"path": render(when.steps, True), "transform": days[0]}
            rule = {"path": _each(place, render), "fields": fields}
            return Guess("review", rule, f"called {_key(place)}", {"reviews": table})
    return None
