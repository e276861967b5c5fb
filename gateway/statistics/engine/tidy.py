"""A report as one table with a row for each cell, which exports are written from."""

from gateway.statistics.engine.cells import measures_asked
from gateway.statistics.engine.labels import label_of
from gateway.statistics.engine.plan import Plan
from gateway.statistics.engine.report import Report
from gateway.statistics.ports import PlatformNames


def create_tidy(report: Report, platforms: PlatformNames) -> None:
    """The temporary view `tidy`, ordered by `row_number` and `measure_number`; docs/analyst.md describes its columns.

    Statuses, methods and numbers are those of the cells that the report shows; keys of nobody are empty.
    """
    plan, cursor = report.plan, report.cursor
    for number, (dimension, key) in enumerate(zip(plan.question.group_by, plan.keys, strict=True)):
        known = [row[0] for row in cursor.execute(f"SELECT DISTINCT {key} FROM numbered").fetchall()]
        cursor.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE label{number} AS
            SELECT unnest($code::VARCHAR[]) AS code, unnest($label::VARCHAR[]) AS label
            """,
            {"code": known, "label": [label_of(dimension, code, platforms) for code in known]},
        )
    cursor.execute(
        """
        CREATE OR REPLACE TEMP TABLE named AS
        SELECT unnest($measure::VARCHAR[]) AS measure, unnest($name::VARCHAR[]) AS name,
            unnest($unit::VARCHAR[]) AS unit
        """,
        {
            "measure": [measure.code for measure in plan.measures],
            "name": [measure.name for measure in plan.measures],
            "unit": [measure.unit for measure in plan.measures],
        },
    )
    bits = [row[0] for row in cursor.execute("SELECT DISTINCT tellers FROM placed").fetchall()]
    cursor.execute(
        """
        CREATE OR REPLACE TEMP TABLE teller AS
        SELECT unnest($tellers::VARCHAR[]) AS tellers, unnest($platforms::VARCHAR[]) AS platforms
        """,
        {"tellers": bits, "platforms": [";".join(report.sources.platforms(one)) for one in bits]},
    )
    cursor.execute(f"CREATE OR REPLACE TEMP VIEW tidy AS {_statement(plan)}")


def _statement(plan: Plan) -> str:
    columns, joins = "", ""
    for number, (dimension, key) in enumerate(zip(plan.question.group_by, plan.keys, strict=True)):
        name = dimension.lower()
        columns += f"nullif(numbered.{key}, '~') AS {name}, label{number}.label AS {name}_label, "
        joins += f" JOIN label{number} ON label{number}.code = numbered.{key}"
    last = f"DATE '{plan.span.last}'"
    if plan.interval is not None:
        last = f"least(CAST(numbered.p + INTERVAL 1 {plan.interval} - INTERVAL 1 DAY AS DATE), {last})"
    return f"""
        SELECT numbered.number AS row_number, asked.number AS measure_number, {columns}
            greatest(numbered.p, DATE '{plan.span.first}') AS period_from, {last} AS period_to,
            asked.measure AS measure, named.name AS measure_name, named.unit AS unit,
            coalesce(cell.status, 'NOT_PUBLISHED') AS status, coalesce(cell.method, 'NONE') AS method,
            cell.value AS value, cell.lo AS lower, cell.hi AS upper,
            CASE WHEN cell.lo IS NULL THEN NULL WHEN cell.lo = cell.hi AND cell.status = 'OK' THEN 'EXACT'
                ELSE 'BETWEEN' END AS qualifier,
            cell.as_of AS as_of, coalesce(cell.complete, false) AS complete,
            teller.platforms AS platforms
        FROM numbered CROSS JOIN {measures_asked(plan)} JOIN named ON named.measure = asked.measure{joins}
        LEFT JOIN placed AS cell ON cell.number = numbered.number AND cell.measure_number = asked.number
        LEFT JOIN teller ON teller.tellers = cell.tellers
        """
