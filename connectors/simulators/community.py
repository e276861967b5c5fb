"""成渝教师研修共同体: teachers who are active on 重庆云课堂 and 四川云教 alike, and the sessions both hold together."""

import base64
import functools
from collections.abc import Mapping
from datetime import date, timedelta

from datasketches import update_theta_sketch

from connectors.simulators.draw import Draw
from connectors.sketches import keyed_id

NAME = "成渝教师研修共同体"
SINCE = date(2021, 3, 1)
AGREED_KEY = "demo-chengdu-chongqing-6b1f09"
"""The secret by which both platforms key their teachers, so that their sketches can be united."""
TEACHERS: Mapping[str, range] = {"chongqing": range(1_999), "sichuan": range(1_500, 5_501)}
"""The teachers of each platform by number; the 499 of both ranges are the community's. Both lengths are prime."""
KEPT_SKETCHES = 1_000


def active_teachers(platform: str, seed: int, day: date, count: int) -> frozenset[int]:
    """The numbers of the `count` teachers who are active on a platform on a day; fewer are some of the same."""
    first, all_of_them = TEACHERS[platform].start, len(TEACHERS[platform])
    draw = Draw(seed, platform, "teachers", day)
    start, step = draw.below(all_of_them), draw.between(1, all_of_them - 1)
    return frozenset([first + (start + n * step) % all_of_them for n in range(count)])


@functools.lru_cache(maxsize=KEPT_SKETCHES)
def teacher_sketch(platform: str, seed: int, day: date, count: int) -> str:
    """The same teachers as base64 of a compact theta sketch, which is exact up to 4,096 of them."""
    sketch = update_theta_sketch()
    for number in active_teachers(platform, seed, day, count):
        sketch.update(_keyed(number))
    return base64.b64encode(sketch.compact().serialize()).decode()


@functools.cache
def _keyed(number: int) -> str:
    return keyed_id(f"T{number:04d}", AGREED_KEY.encode())


def joint_sessions(seed: int, first: date, last: date, today: date) -> dict[date, int]:
    """Sessions by day, of days from `first` to `last` up to yesterday that have any; both platforms tell the same."""
    first, last = max(first, SINCE), min(last, today - timedelta(days=1))
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    held = {day: Draw(seed, "community", "sessions", day).weighted(((0, 2), (1, 3), (2, 1))) for day in days}
    return {day: count for day, count in held.items() if count and day.weekday() < 5}
