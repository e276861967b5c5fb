"""Resident identity numbers (公民身份号码) in text, which must not be kept anywhere."""

import re
import unicodedata
from datetime import date

# GB 11643-1999: six digits of a region, the birthday, three digits, and a check digit that may be X.
_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:[0-9]{17}[0-9Xx]|[0-9]{15})(?![0-9A-Za-z])")
_BETWEEN = re.compile(r"(?<=[0-9])[\s\-_.·/‐-―]+(?=[0-9Xx])")
"""Signs by which people set the parts of a number apart."""
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_PROVINCE = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")


def has_national_id(text: str) -> bool:
    """Whether a number of 18 digits with the right check digit, or one of 15 with a possible birthday, stands in it."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    joined = _BETWEEN.sub("", plain)
    return any(is_national_id(found) for form in (plain, joined) for found in _NUMBER.findall(form))


def is_national_id(text: str) -> bool:
    """Whether a text is such a number and nothing else."""
    if not _NUMBER.fullmatch(text) or not _PROVINCE.match(text):
        return False
    if len(text) == 15:
        return _is_day(f"19{text[6:12]}")
    weighed = sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False))
    return _CHECK_DIGITS[weighed % 11] == text[17].upper() and _is_day(text[6:14])


def _is_day(digits: str) -> bool:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year >= 1850
    except ValueError:
        return False
