"""National ids are found wherever they stand, and other long numbers are left alone."""

import pytest

from schema.national_ids import has_national_id, is_national_id

EXAMPLE = "11010519491231002X"
"""The example of GB 11643-1999, of nobody."""


@pytest.mark.parametrize(
    "text",
    [
        EXAMPLE,
        EXAMPLE.lower(),
        "110105491231002",
        f"教师{EXAMPLE}号",
        f'{{"id": "{EXAMPLE}"}}',
        f"https://platform.example/{EXAMPLE}.pdf",
        f"T_{EXAMPLE}",
        f"{EXAMPLE[:6]} {EXAMPLE[6:14]} {EXAMPLE[14:]}",
        f"{EXAMPLE[:6]}-{EXAMPLE[6:14]}—{EXAMPLE[14:]}",
        EXAMPLE.translate({ord(str(digit)): 0xFF10 + digit for digit in range(10)}),
    ],
)
def test_a_national_id_is_found(text: str) -> None:
    assert has_national_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "110105194912310020",
        "110105491331002",
        "990105194912310027",
        "T2021-374",
        "2026-03-01 2026-03-05",
        "1730000000000",
        f"1{EXAMPLE}",
        f"{EXAMPLE}5",
        f"a{EXAMPLE}",
    ],
)
def test_other_numbers_are_none(text: str) -> None:
    assert not has_national_id(text)


def test_a_number_with_anything_beside_it_is_not_one_itself() -> None:
    assert is_national_id(EXAMPLE)
    assert not is_national_id(f" {EXAMPLE}")
