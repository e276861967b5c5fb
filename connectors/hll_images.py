"""The bytes of a compact HLL sketch, checked before the library reads them.

The library trusts what it reads: bytes that are none of its own end the process. So every count, length and register is
looked at first. The layout is that of HllSketch in Apache DataSketches, little endian:

    0 preamble ints, 1 serial version, 2 family, 3 lg_k, 5 flags, 6 coupons of a list or lowest register,
    7 mode (LIST, SET, HLL) and four times the type (HLL_4, HLL_6, HLL_8)
    SET: 8 coupons; HLL: 8, 16, 24 doubles of the estimate, 32 registers at the lowest, 36 exceptions
"""

import math
import struct
from collections.abc import Sequence

LIST, SET, REGISTERS = range(3)
HLL_4, HLL_6, HLL_8 = range(3)
PREAMBLES = {LIST: (2, 8), SET: (3, 12), REGISTERS: (10, 40)}
"""Ints that the preamble is said to have, and the bytes before the data."""
SERIAL_VERSION, FAMILY = 1, 7
EMPTY, COMPACT, KNOWN_FLAGS = 4, 8, 4 | 8 | 16 | 32
LEAST_LG_K, MOST_LG_K, LEAST_LG_K_OF_SETS = 4, 21, 8
FULL_LIST = 8
SLOT_BITS, HIGHEST = 26, 63
EXCEPTION = 15
"""The four bits of a register whose value stands among the exceptions."""
_LOW = bytes(byte & 15 for byte in range(256))
_HIGH = bytes(byte >> 4 for byte in range(256))


def check_image(image: bytes) -> None:
    """`ValueError` where these bytes are no compact HLL sketch, however they may be wrong."""
    if len(image) < PREAMBLES[LIST][1]:
        raise ValueError("an HLL sketch has at least eight bytes")
    ints, version, family, lg_k, _, flags, count, kind = image[:8]
    mode, target = kind & 3, kind >> 2
    sound = mode in PREAMBLES and target <= HLL_8 and (version, family) == (SERIAL_VERSION, FAMILY)
    if not sound or ints != PREAMBLES[mode][0] or not LEAST_LG_K <= lg_k <= MOST_LG_K:
        raise ValueError("the preamble is not that of an HLL sketch")
    if not flags & COMPACT or flags & ~KNOWN_FLAGS or bool(flags & EMPTY) != (mode == LIST and count == 0):
        raise ValueError("the flags are not those of a compact HLL sketch")
    if mode == LIST:
        _check_coupons(image, LIST, count, FULL_LIST - 1)
    elif mode == SET:
        _check_set(image, lg_k)
    else:
        _check_registers(image, lg_k, target)


def _check_set(image: bytes, lg_k: int) -> None:
    if lg_k < LEAST_LG_K_OF_SETS or len(image) < PREAMBLES[SET][1]:
        raise ValueError("an HLL sketch of so few registers holds no set")
    (count,) = struct.unpack_from("<I", image, 8)
    _check_coupons(image, SET, count, 3 * (1 << lg_k - 3) // 4)


def _check_coupons(image: bytes, mode: int, count: int, most: int) -> None:
    start = PREAMBLES[mode][1]
    if count > most or len(image) != start + 4 * count:
        raise ValueError("an HLL sketch with another number of coupons than it says")
    coupons = struct.unpack_from(f"<{count}I", image, start)
    if len(set(coupons)) != count or not all(coupon >> SLOT_BITS for coupon in coupons):
        raise ValueError("an HLL sketch with coupons that repeat or are empty")


def _check_registers(image: bytes, lg_k: int, target: int) -> None:
    start, registers = PREAMBLES[REGISTERS][1], 1 << lg_k
    if len(image) < start:
        raise ValueError("an HLL sketch that ends in its preamble")
    *estimate, at_lowest, exceptions = struct.unpack_from("<3d2I", image, 8)
    size = (registers // 2, registers * 3 // 4 + 1, registers)[target]
    if len(image) != start + size + 4 * exceptions or (exceptions and target != HLL_4):
        raise ValueError("an HLL sketch of another length than its registers need")
    lowest, data = image[6], image[start : start + size]
    if lowest > HIGHEST or at_lowest > registers:
        raise ValueError("an HLL sketch whose lowest register cannot be")
    if not all(math.isfinite(part) and part >= 0 for part in estimate) or not estimate[1] + estimate[2]:
        raise ValueError("an HLL sketch whose estimate is no number")
    if target == HLL_4:
        _check_halves(data, lowest, at_lowest, struct.unpack_from(f"<{exceptions}I", image, start + size))
    elif target == HLL_8 and max(data) > HIGHEST:
        raise ValueError("an HLL sketch with registers that cannot be")


def _check_halves(data: bytes, lowest: int, at_lowest: int, exceptions: Sequence[int]) -> None:
    """Registers of four bits count from the lowest; those that need more are the exceptions, and no others."""
    halves = (data.translate(_LOW), data.translate(_HIGH))
    named = {2 * place + odd for odd, half in enumerate(halves) for place, bits in enumerate(half) if bits == EXCEPTION}
    slots = {pair & (1 << SLOT_BITS) - 1 for pair in exceptions}
    values = [pair >> SLOT_BITS for pair in exceptions]
    if slots != named or len(slots) != len(exceptions) or any(value < lowest + EXCEPTION for value in values):
        raise ValueError("an HLL sketch whose exceptions do not fit its registers")
    written = (data.translate(_LOW) + data.translate(_HIGH)).replace(bytes([EXCEPTION]), b"")
    if at_lowest != written.count(0) or lowest + max(written, default=0) > HIGHEST:
        raise ValueError("an HLL sketch whose registers do not fit its lowest")
