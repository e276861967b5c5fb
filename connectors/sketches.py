"""Sketches of distinct people (Apache DataSketches): made of keyed ids, and recognized before anything else reads them.

Two sketches can be united when their people were keyed alike: the id in UTF-8, HMAC-SHA256 with the agreed secret, the
digest as lower-case hexadecimal text, which is what the sketch is updated with. Without the secret nobody can ask a
sketch whether somebody is in it.
"""

import base64
import hmac
from collections.abc import Iterable
from typing import Literal

from datasketches import compact_theta_sketch, hll_sketch, tgt_hll_type

from connectors.hll_images import check_image
from schema.findings import Finding

Family = Literal["THETA", "HLL"]

LG_K = 11
"""2,048 registers of four bits: at most some 1.1 kB, with a standard error of about two percent."""
FAMILY_AT, COMPACT_THETA, HLL = 2, 3, 7
THETA_VERSION = 3
_EXPECTED = "base64 of a compact theta sketch or a compact HLL sketch of Apache DataSketches"


def keyed_id(identity: str, key: bytes) -> str:
    """What stands in a sketch for a person: 64 hexadecimal digits that only those who hold the key can work out."""
    return hmac.digest(key, identity.encode(), "sha256").hex()


def people_sketch(ids: Iterable[str], key: bytes) -> bytes:
    """A compact HLL sketch (lg_k 11, HLL_4) of these people; the same people and key give the same bytes."""
    sketch = hll_sketch(LG_K, tgt_hll_type.HLL_4)
    for digest in sorted({keyed_id(identity, key) for identity in ids}):  # the bytes depend on the order
        sketch.update(digest)
    image: bytes = sketch.serialize_compact()
    return image


def sketch_family(image: bytes) -> Family:
    """Which kind of sketch these bytes are; `ValueError` says why they are none that can be united with others."""
    family = image[FAMILY_AT] if len(image) > FAMILY_AT else None
    if family == COMPACT_THETA:
        _check_theta(image)
        return "THETA"
    if family == HLL:
        check_image(image)
        return "HLL"
    raise ValueError("the third byte names neither the family of compact theta sketches (3) nor that of HLL (7)")


def unusable_sketch(text: str) -> Finding | None:
    """What is wrong with the sketch of a usage fact; None where it is base64 of one that can be used."""
    try:
        sketch_family(base64.b64decode(text, validate=True))
    except ValueError as error:
        message = f"sketch must be {_EXPECTED}: {error}"
        return Finding("sketch.invalid", message, pointer="/sketch", expected=_EXPECTED, found=shortened_sketch(text))
    return None


def shortened_sketch(text: str) -> str:
    """The beginning of a sketch, enough to tell it from others."""
    return text if len(text) <= 24 else f"{text[:24]}… ({len(text)} characters)"


def _check_theta(image: bytes) -> None:
    if image[1] != THETA_VERSION:
        raise ValueError(f"a theta sketch of serial version {image[1]}, not {THETA_VERSION}")
    try:
        sketch = compact_theta_sketch.deserialize(image)
    except (ValueError, IndexError, RuntimeError) as error:
        raise ValueError(f"no theta sketch: {error}") from None
    hashes = list(sketch)
    if not sketch.theta64:
        raise ValueError("a theta sketch whose theta is zero, which says nothing")
    if hashes and not 0 < min(hashes) <= max(hashes) < sketch.theta64:
        raise ValueError("a theta sketch with hashes beyond its theta")
    if len(set(hashes)) != len(hashes) or (sketch.is_ordered() and hashes != sorted(hashes)):
        raise ValueError("a theta sketch whose hashes repeat or are not in order")
