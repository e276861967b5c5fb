"""Rows of numbers over time: what makes one, and what a counter's grow by within a part of it."""

SERIES = "measure, platform, program, region, stage, subject, kind, teaching_mode, classroom_kind, resource"
"""What makes a row of numbers over time: every dimension that facts state."""


def grown_within(facts: str, part: str, where: str) -> str:
    """SQL of each series by parts: first and last value, what it gained step by step, and how often it dropped.

    `facts` is a query that has the column `part`; what a drop gains is the number that is shown after it.
    """
    return f"""
        SELECT {SERIES}, {part}, arg_min(value, day) AS first_value, max(day) AS last_day,
            arg_max(value, day) AS last_value,
            coalesce(sum(CASE WHEN grown < 0 THEN value ELSE grown END), 0) AS gained, count(grown) AS steps,
            count(*) FILTER (grown < 0) AS drops
        FROM (
            SELECT {SERIES}, {part}, day, value,
                value - lag(value) OVER (PARTITION BY {SERIES}, {part} ORDER BY day) AS grown
            FROM ({facts}) WHERE {where}
        )
        GROUP BY ALL
        """
