"""What the measures of a usage section can get wrong: codes, and sketches and weights of measures that have none."""

from collections.abc import Collection, Mapping

from connectors.manifest.document import escape
from connectors.manifest.report import Report
from connectors.manifest.sections import UsageSection
from schema.measures import MeasureKind, measures

SKETCHED, WEIGHTED = (MeasureKind.DISTINCT,), (MeasureKind.AVERAGE, MeasureKind.RATIO)


def check_measures(name: str, section: UsageSection, report: Report) -> None:
    """Every code is that of a measure, and what stands beside a number fits the kind of its measure."""
    for key, codes in (("measures", section.measures), ("counts", section.counts)):
        for code in codes:
            if code not in measures():
                message = f"there is no measure {code!r}"
                pointer = f"/{name}/{key}/{escape(code)}"
                report.add("manifest.unknownMeasure", message, pointer, found=code, words=tuple(measures()))
    _check_beside(f"/{name}/sketches", section.sketches, section.measures, SKETCHED, report)
    _check_beside(f"/{name}/weights", section.weights, section.measures, WEIGHTED, report)
    for code, count in section.counts.items():
        here = f"/{name}/counts/{escape(code)}"
        if count.sketch is not None and _misfits(code, SKETCHED):
            report.add("manifest.invalidValue", _misfit("sketch", code, SKETCHED), f"{here}/sketch", found=code)
        for index, field in enumerate(count.by or ()):
            if field not in section.fields:
                message = f"by names fields of the section; {field!r} is none of them"
                words = tuple(section.fields)
                report.add("manifest.unknownField", message, f"{here}/by/{index}", found=field, words=words)


def _check_beside(
    pointer: str,
    rules: Collection[str],
    stated: Mapping[str, object],
    kinds: tuple[MeasureKind, ...],
    report: Report,
) -> None:
    """Each key is a measure of the section of one of these kinds; those are what could have been meant."""
    words = tuple(code for code in stated if code in measures() and not _misfits(code, kinds))
    what = pointer.rpartition("/")[2]
    for code in rules:
        here = f"{pointer}/{escape(code)}"
        if code not in stated:
            message = f"{what}: {code!r} is none of the section's measures"
            report.add("manifest.unknownMeasure", message, here, found=code, words=words)
        elif _misfits(code, kinds):
            report.add("manifest.invalidValue", _misfit(what, code, kinds), here, found=code, words=words)


def _misfits(code: str, kinds: tuple[MeasureKind, ...]) -> bool:
    """Whether a known measure is of another kind; what is unknown is told by itself."""
    return code in measures() and measures()[code].kind not in kinds


def _misfit(what: str, code: str, kinds: tuple[MeasureKind, ...]) -> str:
    return f"{what}: {code} is {measures()[code].kind}, and only {' and '.join(kinds)} measures have one"
