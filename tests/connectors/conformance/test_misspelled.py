"""Any key of a real manifest, misspelled: reading never raises, and keys of the language are told as they should be."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.manifest import read_manifest
from connectors.manifest.document import read_document
from connectors.platforms import builtin_manifests

TEXTS = {path.name: path.read_text("utf-8") for path in builtin_manifests()}
STRUCTURAL = (
    "platform",
    "origin",
    "credentials",
    "limits",
    "failures",
    "vocabularies",
    "harvest",
    "protocol",
    "fields",
    "records",
    "incremental",
    "parameter",
    "transform",
    "vocabulary",
    "onUnmapped",
    "outcome",
    "requestsPerSecond",
)


def misspelled(text: str, key: str) -> str | None:
    """The text with the first such key written with two letters swapped, None where it has no such key."""
    wrong = key[:-2] + key[-1] + key[-2]
    changed, count = re.subn(rf"(^|[\s{{,]){key}:(?=\s)", rf"\g<1>{wrong}:", text, count=1)
    return changed if count else None


@pytest.mark.parametrize("key", STRUCTURAL)
def test_a_misspelled_key_of_the_language_is_told_with_its_right_spelling(key: str) -> None:
    tried = 0
    for text in TEXTS.values():
        changed = misspelled(text, key)
        if changed is None:
            continue
        tried += 1
        told = [one for one in read_manifest(changed).findings if one.code == "manifest.unknownKey"]
        assert [(one.suggestion, one.found) for one in told] == [(key, key[:-2] + key[-1] + key[-2])]
        line = changed.splitlines()[(told[0].line or 0) - 1]
        assert line[(told[0].column or 0) - 1 :].startswith(f"{told[0].found}:")
    assert tried


@given(data=st.data(), letters=st.text("aeiou_-/~0", max_size=3))
@settings(deadline=None)
def test_a_change_to_any_key_never_makes_reading_raise(data: st.DataObject, letters: str) -> None:
    text = TEXTS[data.draw(st.sampled_from(sorted(TEXTS)))]
    keys = read_document(text).keys
    at = keys[data.draw(st.sampled_from(sorted(keys)))]
    lines = text.splitlines(keepends=True)
    line = lines[at.line - 1]
    lines[at.line - 1] = line[: at.column - 1] + letters + line[at.column - 1 :]
    for finding in read_manifest("".join(lines)).findings:
        assert finding.documentation_url
        assert finding.message
