"""Completions."""

import asyncio

import pytest

from gateway.catalog import SuggestionKind
from gateway.errors import LimitExceeded
from schema.resources import Contributor, Organization
from tests.gateway.catalog.conftest import Catalog
from tests.gateway.catalog.store import EVERYBODY, record, withdraw


@pytest.fixture
async def filled(catalog: Catalog) -> Catalog:
    await catalog.put(
        "chongqing",
        record("1", "勾股定理"),
        record("2", "勾股定理"),
        record("3", "探究勾股定理", contributors=(Contributor(name="张行长"),), provider=Organization(name="重庆一中")),
        record("4", "Python3 入门", subjects=({"code": "mathematics"},)),
    )
    return catalog


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("勾股", [("勾股定理", 2), ("探究勾股定理", 1)]),
        ("定理", [("勾股定理", 2), ("探究勾股定理", 1)]),
        ("gougu", [("勾股定理", 2), ("探究勾股定理", 1)]),
        ("GouGuD", [("勾股定理", 2), ("探究勾股定理", 1)]),
        ("gou gu", [("勾股定理", 2), ("探究勾股定理", 1)]),
        ("ggdl", [("勾股定理", 2), ("探究勾股定理", 1)]),
        ("dingli", [("勾股定理", 2), ("探究勾股定理", 1)]),
        ("ougu", []),
        ("chongqing", [("重庆一中", 1)]),
        ("cqyz", [("重庆一中", 1)]),
        ("ｐｙ", [("Python3 入门", 1)]),
        ("python3rm", [("Python3 入门", 1)]),
        ("shuxue", [("数学", 1)]),
        ("zhang", [("张行长", 1)]),
        ("", []),
        ("\n", []),
        ("不存在", []),
    ],
)
async def test_text_initials_and_full_pinyin_complete(
    filled: Catalog, prefix: str, expected: list[tuple[str, int]]
) -> None:
    found = await filled.service.suggest(prefix, 8, EVERYBODY)
    assert [(suggestion.text, suggestion.count) for suggestion in found] == expected


async def test_kinds_are_told_apart(filled: Catalog) -> None:
    kinds = {(await filled.service.suggest(prefix, 1, EVERYBODY))[0].kind for prefix in ("勾股", "张", "重庆", "数学")}
    assert kinds == set(SuggestionKind)


async def test_no_more_come_than_asked_for(filled: Catalog) -> None:
    assert len(await filled.service.suggest("勾股", 1, EVERYBODY)) == 1
    assert await filled.service.suggest("勾股", 0, EVERYBODY) == ()
    with pytest.raises(LimitExceeded):
        await filled.service.suggest("勾", 101, EVERYBODY)
    with pytest.raises(LimitExceeded, match="prefix"):
        await filled.service.suggest("勾" * 501, 1, EVERYBODY)


async def test_a_withdrawn_record_is_not_completed(filled: Catalog) -> None:
    await filled.service.suggest("勾股", 8, EVERYBODY)
    await withdraw(filled.database, "chongqing", "3")
    await filled.service.catch_up()
    assert [one.text for one in await filled.service.suggest("勾股", 8, EVERYBODY)] == ["勾股定理"]
    assert await filled.service.suggest("张", 8, EVERYBODY) == ()


async def test_a_new_title_joins_in_the_background(filled: Catalog) -> None:
    assert await filled.service.suggest("一元二次", 8, EVERYBODY) == ()
    await filled.put("zibo", record("5", "一元二次方程"))
    for _ in range(200):
        if found := await filled.service.suggest("一元二次", 8, EVERYBODY):
            break
        await asyncio.sleep(0.01)
    assert [one.text for one in found] == ["一元二次方程"]


async def test_what_is_spoken_stays_right_when_titles_join_and_go(filled: Catalog) -> None:
    assert await filled.service.suggest("yyecfc", 8, EVERYBODY) == ()
    await withdraw(filled.database, "chongqing", "3")
    await filled.put("zibo", record("5", "一元二次方程"), record("6", "一元二次方程"), record("7", "一元二次方程"))
    for _ in range(200):
        if found := await filled.service.suggest("yyecfc", 8, EVERYBODY):
            break
        await asyncio.sleep(0.01)
    assert [(one.text, one.count) for one in found] == [("一元二次方程", 3)]
    for prefix, expected in (("ggdl", ["勾股定理"]), ("shuxue", ["数学"]), ("ErCi", ["一元二次方程"]), ("cqyz", [])):
        assert [one.text for one in await filled.service.suggest(prefix, 8, EVERYBODY)] == expected
