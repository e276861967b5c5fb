"""The words of a workbook (SpreadsheetML, ECMA-376): its fixed parts, and cells of every kind."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from xml.sax.saxutils import escape, quoteattr

from gateway.statistics.exports.tidy import FORMULA_STARTS

LONGEST_TEXT = 32_767
"""Characters that a cell may hold."""
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_DAY_ZERO, _FIRST_TRUE_DAY = date(1899, 12, 30), date(1900, 3, 1)
_DAY, _HEADING, _NO_FORMULA = 1, 2, 3
"""Places of the formats in `STYLES`."""

STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1"/></cellXfs></styleSheet>'
)
PACKAGE_RELATIONS = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
SHEET_END = "</sheetData></worksheet>"

EMPTY = ">"
FLAGS: Mapping[bool | None, str] = MappingProxyType({None: EMPTY, False: ' t="b"><v>0</v>', True: ' t="b"><v>1</v>'})
"""Cells of yes and no; like all others here without the `<c` before and the `</c>` behind them."""


class SharedTexts(dict[str | None, str]):
    """Cells of texts, each stored once in the workbook; made when first asked for."""

    def __init__(self) -> None:
        super().__init__({None: EMPTY})
        self._texts: list[str] = []

    def __missing__(self, text: str) -> str:
        style = f' s="{_NO_FORMULA}"' if text[:1] in FORMULA_STARTS else ""
        self[text] = f'{style} t="s"><v>{len(self._texts)}</v>'
        self._texts.append(text)
        return self[text]

    def heading(self, text: str) -> str:
        """The cell of a column's name."""
        return f' s="{_HEADING}"{self[text]}'

    def part(self) -> str:
        """The part that holds all texts."""
        items = "".join(f'<si><t xml:space="preserve">{_written(text)}</t></si>' for text in self._texts)
        return f'{_HEAD}<sst xmlns="{_MAIN}" uniqueCount="{len(self._texts)}">{items}</sst>'


class Days(dict[date | None, str]):
    """Cells of days; those before March 1900, which spreadsheets count wrongly, are text."""

    def __init__(self, texts: SharedTexts) -> None:
        super().__init__({None: EMPTY})
        self._texts = texts

    def __missing__(self, day: date) -> str:
        known = day >= _FIRST_TRUE_DAY
        self[day] = f' s="{_DAY}"><v>{(day - _DAY_ZERO).days}</v>' if known else self._texts[day.isoformat()]
        return self[day]


def number_cell(number: float | None) -> str:
    """The cell of a number."""
    return EMPTY if number is None else f"><v>{number!r}</v>"


def sheet_start(widths: Sequence[int]) -> str:
    """What stands before the rows of a sheet whose first row stays in sight; `widths` are in characters."""
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(widths, start=1)
    )
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{columns}</cols><sheetData>"
    )


def row_template(columns: int) -> str:
    """A row with `%d` for its number and `%s` for each of its cells, which stand in order and need no address."""
    return f'<row r="%d">{"<c%s</c>" * columns}</row>'


def workbook_part(sheets: Iterable[str]) -> str:
    """The part that names the sheets."""
    listed = "".join(f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(sheets, 1))
    return f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>'


def workbook_relations(sheets: int) -> str:
    """Where the workbook's parts are."""
    targets = [("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, sheets + 1)]
    targets += [("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")]
    listed = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, start=1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def content_types(sheets: int) -> str:
    """What each part of the package is."""
    parts = [("workbook", "sheet.main"), *((f"worksheets/sheet{n}", "worksheet") for n in range(1, sheets + 1))]
    parts += [("styles", "styles"), ("sharedStrings", "sharedStrings")]
    listed = "".join(f'<Override PartName="/xl/{name}.xml" ContentType="{_TYPES}.{kind}+xml"/>' for name, kind in parts)
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f"{listed}</Types>"
    )


def _written(text: str) -> str:
    """Text as XML can hold it: what it cannot, and what looks like its way to write that, in `_x0000_`."""
    kept = text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"
    return escape(_UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", kept))
