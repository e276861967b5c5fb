"""Every vocabulary: complete, without two meanings for one name, in step with the enums."""

import csv
import importlib.resources
from enum import StrEnum

import pytest
from graphql import EnumTypeDefinitionNode, parse

from schema.access import Access
from schema.kinds import ResourceKind
from schema.modes import ClassroomKind, DeliveryChannel, TeachingMode
from schema.people import ContributorRole
from schema.quality import Level
from schema.stages import Stage
from schema.vocabularies import Vocabulary, VocabularyScheme, fold, vocabulary

S = VocabularyScheme
ENUMS: dict[VocabularyScheme, type[StrEnum]] = {
    S.STAGE: Stage,
    S.KIND: ResourceKind,
    S.TEACHING_MODE: TeachingMode,
    S.CLASSROOM_KIND: ClassroomKind,
    S.DELIVERY: DeliveryChannel,
    S.ACCESS: Access,
    S.CONTRIBUTOR_ROLE: ContributorRole,
    S.LEVEL: Level,
}
# the enums of the public contract that only the training slice will use
CONTRACT = """
enum TRAINING_KIND { COURSE RESEARCH_ACTIVITY OBSERVATION OPEN_LESSON LECTURE ROTATION REMOTE_SUPPORT
  RESOURCE_DEVELOPMENT REVIEW WORKSHOP MEETING OTHER }
enum TRAINING_FORM { ONLINE ONSITE BLENDED LIVE ON_DEMAND }
enum TRAINING_ROLE { PARTICIPANT LECTURER HOST ASSISTANT REVIEWER LEAD_DEVELOPER DEVELOPER GUIDE OTHER }
enum TRAINING_UNIT { HOUR MINUTE LESSON SESSION ITEM CREDIT }
enum TRAINING_OUTCOME { COMPLETED PASSED FAILED ATTENDED IN_PROGRESS }
enum RECORD_STATE { REPORTED REVIEWED RECOGNIZED REJECTED REVOKED }
"""
CLOSED = {scheme: [member.value for member in members] for scheme, members in ENUMS.items()} | {
    S(node.name.value): [value.name.value for value in node.values or ()]
    for node in parse(CONTRACT).definitions
    if isinstance(node, EnumTypeDefinitionNode)
}
OPEN = {S.SUBJECT, S.GRADE, S.EDITION, S.LICENSE}


def names(scheme: VocabularyScheme) -> list[tuple[str, str]]:
    """Every code, label and alias with the code it belongs to."""
    return [
        (name, term.code)
        for term in vocabulary(scheme).terms.values()
        for name in (term.code, term.label, term.label_en, *term.aliases)
        if name
    ]


def test_every_scheme_is_closed_or_open() -> None:
    assert set(CLOSED) | OPEN == set(VocabularyScheme)
    assert set(CLOSED) & OPEN == set()


@pytest.mark.parametrize("scheme", CLOSED)
def test_codes_of_a_closed_scheme_are_exactly_the_members_of_its_enum(scheme: VocabularyScheme) -> None:
    assert sorted(vocabulary(scheme).terms) == sorted(CLOSED[scheme])


@pytest.mark.parametrize("scheme", VocabularyScheme)
def test_no_name_leads_to_two_terms(scheme: VocabularyScheme) -> None:
    owners: dict[str, set[str]] = {}
    for name, code in names(scheme):
        owners.setdefault(fold(name), set()).add(code)
    assert {name: codes for name, codes in owners.items() if len(codes) > 1} == {}


@pytest.mark.parametrize("scheme", VocabularyScheme)
def test_every_name_resolves_to_its_term(scheme: VocabularyScheme) -> None:
    table = vocabulary(scheme)
    assert [name for name, code in names(scheme) if (term := table.resolve(name)) is None or term.code != code] == []


@pytest.mark.parametrize("scheme", VocabularyScheme)
def test_every_term_has_both_labels_and_a_broader_term_of_its_scheme(scheme: VocabularyScheme) -> None:
    table = vocabulary(scheme)
    for term in table.terms.values():
        assert term.label
        assert term.label_en or scheme is S.EDITION
        above = [term.code]
        while (broader := table.require(above[-1]).broader) is not None:
            assert broader not in above
            above.append(broader)


@pytest.mark.parametrize("scheme", VocabularyScheme)
def test_tables_have_the_agreed_columns_and_no_repeated_code(scheme: VocabularyScheme) -> None:
    text = importlib.resources.files("schema").joinpath("data", f"{scheme.lower()}.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert list(rows[0]) == ["code", "label", "label_en", "broader", "aliases", "url"]
    assert all(None not in row and None not in row.values() for row in rows)
    assert len({row["code"] for row in rows}) == len(rows)
    assert list(vocabulary(scheme).terms) == [row["code"] for row in rows]


@pytest.mark.parametrize("scheme", sorted(OPEN))
def test_codes_of_open_lists_are_lower_kebab(scheme: VocabularyScheme) -> None:
    wrong = [code for code in vocabulary(scheme).terms if not code.replace(".", "").replace("-", "").isalnum()]
    assert wrong == []
    assert [code for code in vocabulary(scheme).terms if code != code.lower() or not code.isascii()] == []


def test_grades_never_imply_a_stage() -> None:
    grades: Vocabulary = vocabulary(S.GRADE)
    assert [term.code for term in grades.terms.values() if term.broader] == []
    assert set(grades.terms) >= {f"grade-{n}" for n in range(1, 13)}


def test_subjects_hold_the_19_vocational_categories_and_the_topics() -> None:
    subjects = vocabulary(S.SUBJECT).terms
    assert len([code for code in subjects if code.startswith("vocational-")]) == 19
    assert {"topic-mental-health", "topic-safety", "topic-labor", "topic-family-education"} <= set(subjects)


def test_licenses_with_a_public_text_have_its_address() -> None:
    assert [t.code for t in vocabulary(S.LICENSE).terms.values() if t.code.startswith("cc") and not t.url] == []
