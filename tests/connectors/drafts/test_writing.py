"""What is written as YAML is read back as what was meant."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.drafts.writing import LONGEST_NOTE, Block, shown, written
from connectors.manifest.document import read_document

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
SCALARS = st.none() | st.booleans() | st.integers(-(10**15), 10**15) | TEXT


@given(st.dictionaries(TEXT, SCALARS | st.lists(SCALARS, max_size=3), max_size=5), TEXT)
def test_values_come_back_as_they_were_whatever_the_comments(values: dict[str, object], note: str) -> None:
    block, inner = Block(), Block()
    block.remark(note)
    for key, value in values.items():
        inner.put(key, value, note)
    inner.put("last", 1)
    block.put("inner", inner)
    expected = {**values, "last": 1}
    document = read_document(written(block))
    if "last" not in values:
        assert document.findings == []
        assert document.value == {"inner": expected}


def test_comments_are_one_line_and_short() -> None:
    assert shown("a\nb\x00c") == "a b c"
    assert len(shown("x" * 1_000)) == LONGEST_NOTE
