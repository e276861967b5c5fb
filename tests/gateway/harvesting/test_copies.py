"""Copies of one work share a key, other works do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.harvesting.copies import LONGEST_KEY, copy_keys
from schema.kinds import ResourceKind
from schema.people import ContributorRole
from schema.resources import Contributor, ResourceFile, ResourceRecord
from schema.stages import Stage
from tests.gateway.harvesting.upstream import record


def work(
    title: str = "勾股定理的应用", *names: str, role: ContributorRole = ContributorRole.LECTURER, **more: object
) -> ResourceRecord:
    people = tuple(Contributor(name=name, role=role) for name in names)
    return record("r1", title, contributors=people, **more)


def test_spelling_width_and_the_order_of_people_do_not_matter() -> None:
    assert copy_keys(work("勾股定理：ABC 课", "李明", "王芳")) == copy_keys(work("勾股定理ａｂｃ课", "王芳", "李 明"))


@pytest.mark.parametrize(
    "other",
    [
        work("勾股定理的证明", "李明"),
        work("勾股定理的应用", "王芳"),
        work("勾股定理的应用", "李明", kind=ResourceKind.EXERCISE),
        work("勾股定理的应用", "李明", stages=(Stage.PRIMARY,)),
    ],
    ids=["title", "person", "kind", "stage"],
)
def test_another_title_person_kind_or_stage_is_another_work(other: ResourceRecord) -> None:
    assert copy_keys(work("勾股定理的应用", "李明")).isdisjoint(copy_keys(other))


@pytest.mark.parametrize(
    "vague", [work(), work("第一课", "李明"), work("勾股定理的应用", "李明", role=ContributorRole.REVIEWER)]
)
def test_short_titles_and_nameless_works_have_no_key(vague: ResourceRecord) -> None:
    assert copy_keys(vague) == frozenset()


def test_files_are_compared_by_checksum_without_case() -> None:
    files = (ResourceFile(checksum="A" * 64), ResourceFile(checksum="1"), ResourceFile())
    assert copy_keys(record("r1", files=files)) == {"file:" + "a" * 64}


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=100).filter(str.strip)


@given(WORDS, WORDS)
def test_keys_always_fit_their_column(checksum: str, name: str) -> None:
    keys = copy_keys(work("勾股定理的应用", name, files=(ResourceFile(checksum=checksum),)))
    assert all(len(key) <= LONGEST_KEY for key in keys)
