"""Reference tables for the documentation; `python -m schema.reference FILE…` renews them between their markers."""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from schema.json_schema import resource_schema
from schema.measures import measures
from schema.published import published_figures
from schema.vocabularies import Term, VocabularyScheme, vocabulary
from schema.wording import worded

_ALIASES_SHOWN = 8
_MARKED = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def resource_reference() -> str:
    """One table per record of the resource schema (field, type, meaning, example), and one of the closed words."""
    schema: Mapping[str, Any] = resource_schema()
    definitions: Mapping[str, Any] = schema["$defs"]
    parts = [_record_table("The resource", schema)]
    parts += [
        _record_table(name, record) for name, record in sorted(definitions.items()) if record.get("type") == "object"
    ]
    return "\n\n".join([*parts, _words_table(definitions)])


def vocabulary_reference() -> str:
    """One table per scheme (code, labels, the first aliases), and one of the measures."""
    return "\n\n".join([*(_scheme_table(scheme) for scheme in VocabularyScheme), _measures_table()])


def figure_reference() -> str:
    """One table of all published figures, those of one owner beside each other."""
    rows = [
        f"| {figure.platform or figure.program or figure.region} | `{figure.measure}` | {worded(figure.quantity)} | "
        f"{figure.as_of or ''} | {_cell(figure.quote or '')} | {_cell(figure.note or '')} |"
        for figure in published_figures().values()
    ]
    head = ["| owner | measure | number | as of | quote | note |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *rows])


def renewed(text: str) -> str:
    """A document with its generated parts as they should be."""
    parts = {"resource": resource_reference, "vocabularies": vocabulary_reference, "figures": figure_reference}
    return _MARKED.sub(lambda found: f"{found[1]}\n{parts[found[2]]()}\n\n{found[3]}", text)


def _record_table(name: str, record: Mapping[str, Any]) -> str:
    required = record.get("required", ())
    rows = [
        f"| `{field}` | {_type(spec)}{' **required**' if field in required else ''} | {_cell(spec['description'])} | "
        f"`{_cell(json.dumps(spec['examples'][0], ensure_ascii=False))}` |"
        for field, spec in record["properties"].items()
    ]
    about = record["description"].splitlines()[0].replace("`native_id`", "`nativeId`")
    return "\n".join([f"### {name}", "", about, "", "| field | type | meaning | example |", "|---|---|---|---|", *rows])


def _words_table(definitions: Mapping[str, Any]) -> str:
    rows = [
        f"| {name} | {', '.join(f'`{value}`' for value in spec['enum'])} |"
        for name, spec in sorted(definitions.items())
        if "enum" in spec
    ]
    return "\n".join(["### Closed words", "", "| type | values |", "|---|---|", *rows])


def _type(spec: Mapping[str, Any]) -> str:
    names = [name for name in _types(spec) if name != "null"]
    return " or ".join(dict.fromkeys(names))


def _types(spec: Mapping[str, Any]) -> Iterator[str]:
    if "$ref" in spec:
        yield spec["$ref"].rsplit("/", 1)[-1]
    elif "anyOf" in spec:
        for option in spec["anyOf"]:
            yield from _types(option)
    elif spec.get("type") == "array":
        yield f"list of {_type(spec['items'])}"
    else:
        yield {"string": spec.get("format", "text")}.get(spec["type"], spec["type"])


def _scheme_table(scheme: VocabularyScheme) -> str:
    rows = [_term_row(term) for term in vocabulary(scheme).terms.values()]
    head = ["| code | label | English | broader | also written |", "|---|---|---|---|---|"]
    return "\n".join([f"### {scheme}", "", *head, *rows])


def _measures_table() -> str:
    rows = [
        f"| `{one.code}` | {one.name} | {one.unit} | {one.kind} | {one.over_time} | {one.over_platforms} | "
        f"{'yes' if one.people else ''} | {_cell(one.description)} |"
        for one in measures().values()
    ]
    head = [
        "| code | name | unit | kind | over time | over platforms | people | meaning |",
        "|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join(["### Measures", "", *head, *rows])


def _term_row(term: Term) -> str:
    shown = [alias for alias in term.aliases if not alias.startswith("http")][:_ALIASES_SHOWN]
    aliases = ", ".join(shown) + (", …" if len(term.aliases) > len(shown) else "")
    broader = f"`{term.broader}`" if term.broader else ""
    label = f"[{term.label}]({term.url})" if term.url else term.label
    cells = (f"`{term.code}`", label, term.label_en or "", broader, aliases)
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        path.write_text(renewed(path.read_text("utf-8")), "utf-8")
