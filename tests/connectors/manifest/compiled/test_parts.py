"""The parts of written code: what it may name, what it remembers, and what it tells of secrets."""

import json
from base64 import b64encode
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.extraction import chain_of_names
from connectors.manifest.compiled.assembly import assembler, can_be_assembled
from connectors.manifest.compiled.learning import MOST, Memory
from connectors.manifest.compiled.repeated import MOST as MOST_BYTES
from connectors.manifest.compiled.repeated import RepeatedRecords
from connectors.manifest.compiled.watch import Watch
from connectors.records import Accepted
from connectors.transport import Redactor
from schema.parts import CodedTerm
from schema.resources import ResourceRecord
from schema.training import TrainingReport
from schema.usage import UsageFact
from tests.connectors.manifest.compiled.outcomes import mapper
from tests.connectors.manifest.manifests import FIELDS, manifest

PLAIN = st.text("abcXYZ019_.~/+=-", min_size=16, max_size=40)


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("a", ("a",)),
        ("a.b.c", ("a", "b", "c")),
        ("数据.课程", ("数据", "课程")),
        ('"a b"."c.d"', ("a b", "c.d")),
        ("a[0]", None),
        ("a[].b", None),
        ("a || b", None),
        ("@", None),
        ("'a'", None),
        ("a.{b: c}", None),
        ("a.length(@)", None),
        ("a.", None),
        ("(a.b).c", ("a", "b", "c")),
        ("x" * 2_000, None),
    ],
)
def test_a_chain_of_names_is_told_from_everything_else(path: str, names: tuple[str, ...] | None) -> None:
    assert chain_of_names(path) == names


@pytest.mark.parametrize("name", ["']+1#", '"', "\\", "\n    import os", "{0}", "raw", "notes", "名'称", "a\\'b"])
def test_names_of_a_manifest_are_never_code(name: str) -> None:
    written = json.dumps(name, ensure_ascii=False)
    paths = [json.dumps(path, ensure_ascii=False) for path in (written, f"deep.{written}.{written}")]
    found = mapper(manifest(fields=f"{FIELDS}    summary: {paths[0]}\n    volume: {paths[1]}\n"))
    found.rules = Refusing(found.rules)  # type: ignore[assignment]
    outcome = found.map({"id": 1, "title": "题", name: "好", "deep": {name: {name: "上册"}}})
    assert isinstance(outcome, Accepted)
    assert (outcome.record.summary, outcome.record.volume) == ("好", "上册")


class Refusing:
    """Rules that are not to be asked."""

    def __init__(self, rules: Any) -> None:
        self._rules = rules

    def map(self, raw: Any, secrets: tuple[str, ...] = ()) -> Any:
        raise AssertionError(f"the rules were asked for {raw}")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rules, name)


def test_only_so_much_is_remembered_and_nothing_when_secrets_change() -> None:
    memory = Memory(lambda: b"")
    tables = [memory.table(), memory.table()]
    memory.begin(())
    for number in range(MOST + 1):
        memory.keep(tables[number % 2], number, number)
    assert sum(map(len, tables)) == MOST + 1
    memory.begin(())
    assert tables == [{}, {}]
    memory.keep(tables[0], 1, 1)
    memory.begin(())
    assert tables == [{1: 1}, {}]
    memory.begin(("a secret of many letters",))
    assert tables == [{}, {}]
    assert memory.watch.sees(b"this is a secret of many letters")


def test_records_that_come_again_are_the_same_object_until_others_push_them_out() -> None:
    repeated = RepeatedRecords(mapper(manifest(fields=FIELDS + "    summary: s\n")))
    first = {"id": 1, "title": "题"}
    outcome = repeated.map(first, ())
    assert repeated.map(dict(first), ()) is outcome
    assert repeated.map({"id": 1.0, "title": "题"}, ()) is not outcome
    assert repeated.map(first, ("another secret",)) is not outcome
    outcome = repeated.map(first, ())
    written = 0
    while written < 3 * MOST_BYTES:
        repeated.map({"id": written, "title": "题", "s": "长" * 5_000}, ())
        written += 15_000
    assert sum(map(len, repeated._kept)) == repeated._size <= MOST_BYTES
    assert repeated.map(first, ()) is not outcome
    assert repeated.map(first, ()) == outcome


@given(PLAIN, st.text(max_size=20), st.sampled_from(["{}", "%", "b64"]))
def test_a_watch_sees_every_spelling_of_a_plain_secret_that_a_redactor_knows(
    secret: str, around: str, spelling: str
) -> None:
    written = {"{}": secret, "%": quote(secret, safe=""), "b64": b64encode(secret.encode()).decode()}[spelling]
    text = json.dumps({"a": around + written}, ensure_ascii=False)
    assert Redactor([secret]).knows(text)
    assert Watch((secret,)).certain
    assert Watch((secret,)).sees(text.encode("utf-8", "surrogatepass"))


@given(PLAIN)
def test_a_watch_knows_the_spellings_of_a_redactor_and_no_others(secret: str) -> None:
    forms = {form.decode() for form in Watch((secret,))._forms}
    assert forms == set(Redactor([secret])._known)


@pytest.mark.parametrize("secret", ["sixteen letters…", 'quoted"0123456789', "a:b:c:d:e:f:g:h:i", "with blanks 12345"])
def test_a_watch_is_not_certain_of_secrets_that_json_writes_in_its_own_way(secret: str) -> None:
    assert not Watch((secret,)).certain


def test_a_watch_is_not_certain_of_a_secret_that_every_record_says() -> None:
    assert not Watch(("chengdu-chongqing",), b'["chengdu-chongqing-teacher-community"]').certain
    assert Watch(("short",)).certain


def test_records_are_assembled_as_pydantic_makes_them() -> None:
    term = assembler(CodedTerm)({"code": "mathematics"})
    assert term == CodedTerm(code="mathematics")
    assert (term.model_fields_set, term.model_dump()) == ({"code"}, {"code": "mathematics", "native": None})
    assert hash(term) == hash(CodedTerm(code="mathematics"))
    assert term.model_copy(update={"native": "数学"}) == CodedTerm(code="mathematics", native="数学")
    with pytest.raises(KeyError):
        assembler(CodedTerm)({})
    assert all(can_be_assembled(record) for record in (ResourceRecord, TrainingReport, CodedTerm, UsageFact))
