"""A record as IEEE LOM 1.0 in XML: Chinese language strings and vocabulary values, vCards, ISO durations."""

from collections.abc import Iterable, Mapping

from lxml import etree

from connectors.simulators.catalog import Native

NAMESPACE = "http://ltsc.ieee.org/xsd/LOM"
SCHEMA = "http://ltsc.ieee.org/xsd/lomv1.0/lom.xsd"
LANGUAGE = "zh-CN"
SOURCE = "内江教育资源词表2023"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
OPERATOR = "内江市教育局"


def lom(record: Native) -> etree._Element:
    """The `lom` element; categories that a record has nothing for are absent."""
    root = etree.Element(f"{{{NAMESPACE}}}lom", nsmap={None: NAMESPACE, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{NAMESPACE} {SCHEMA}")
    _general(root, record)
    _life_cycle(root, record)
    _meta_metadata(root, record)
    _technical(root, record)
    _educational(root, record)
    _rights(root, record["rights"])
    for link in record["relations"]:
        relation = _add(root, "relation")
        _vocabulary(relation, "kind", link["kind"], "LOMv1.0")
        _identifier(_add(relation, "resource"), link["catalog"], link["entry"])
    for entry in record["recognitions"]:
        _annotation(root, entry["school"], entry["date"], {"校际互认": entry["state"], "范围": entry["scope"]})
    for entry in record["evaluations"]:
        judged = {"评估": entry["evaluator"], "维度": entry["dimension"], "得分": entry["score"], "量表": "0–5"}
        _annotation(
            root,
            "内江市教育评估中心" if entry["evaluator"] == "第三方评估" else record["school"],
            entry["date"],
            judged,
        )
    _classification(root, "学科", "内江市学科目录", (record["subject"],))
    _classification(root, "学段年级", "内江市学段目录", (record["stage"], record["grade"]))
    _classification(root, "教材", "内江市教材目录", (record["edition"], record["volume"]))
    return root


def _general(root: etree._Element, record: Native) -> None:
    general = _add(root, "general")
    _identifier(general, "内江市教育云平台", record["entry"])
    _identifier(general, "URI", record["page"])
    _identifier(general, "MD5", record["md5"])
    if record["title"] is not None:
        _string(general, "title", record["title"])
    _add(general, "language", LANGUAGE)
    _string(general, "description", record["description"])
    for word in record["keywords"]:
        _string(general, "keyword", word)
    _vocabulary(general, "structure", "collection" if record["set"].startswith("package") else "atomic", "LOMv1.0")


def _life_cycle(root: etree._Element, record: Native) -> None:
    cycle = _add(root, "lifeCycle")
    _string(cycle, "version", "2.0" if record["revised"] else "1.0")
    _vocabulary(cycle, "status", "定稿")
    for person in record["people"]:
        _contribute(cycle, person["role"], _card(person["name"], record["school"]))
    _contribute(cycle, "发布", _card(None, record["school"]), record["published"])
    if record["revised"]:
        _contribute(cycle, "修订", _card(None, record["school"]), record["updated"])


def _meta_metadata(root: etree._Element, record: Native) -> None:
    about = _add(root, "metaMetadata")
    _contribute(about, "编目", _card(None, OPERATOR), record["updated"])
    _add(about, "metadataSchema", "LOMv1.0")
    _add(about, "language", LANGUAGE)


def _technical(root: etree._Element, record: Native) -> None:
    technical = _add(root, "technical")
    _add(technical, "format", record["format"])
    _add(technical, "size", str(record["size"]))
    _add(technical, "location", record["file"])
    if record["duration"]:
        _add(_add(technical, "duration"), "duration", record["duration"])


def _educational(root: etree._Element, record: Native) -> None:
    educational = _add(root, "educational")
    _vocabulary(educational, "learningResourceType", record["type"])
    _vocabulary(educational, "intendedEndUserRole", "教师" if record["type"] == "教案" else "学生")
    _vocabulary(educational, "context", record["stage"])
    if record["age"]:
        _string(educational, "typicalAgeRange", record["age"])
    _add(_add(educational, "typicalLearningTime"), "duration", record["learning_time"])
    _add(educational, "language", LANGUAGE)


def _rights(root: etree._Element, rules: Mapping[str, str]) -> None:
    rights = _add(root, "rights")
    _vocabulary(rights, "cost", "否")
    _vocabulary(rights, "copyrightAndOtherRestrictions", "是")
    _string(rights, "description", told(rules))


def told(rules: Mapping[str, str]) -> str:
    """`权限：全市；版权：…`: names and values in one line, as rights and annotations write them."""
    return "；".join(f"{name}：{value}" for name, value in rules.items())


def _annotation(root: etree._Element, organization: str, day: str, said: Mapping[str, str]) -> None:
    annotation = _add(root, "annotation")
    _add(annotation, "entity", _card(None, organization))
    _add(_add(annotation, "date"), "dateTime", day)
    _string(annotation, "description", told(said))


def _classification(root: etree._Element, purpose: str, source: str, path: Iterable[str | None]) -> None:
    taxons = [entry for entry in path if entry]
    if not taxons:
        return
    classification = _add(root, "classification")
    _vocabulary(classification, "purpose", purpose)
    taxon_path = _add(classification, "taxonPath")
    _string(taxon_path, "source", source)
    for entry in taxons:
        _string(_add(taxon_path, "taxon"), "entry", entry)


def _contribute(parent: etree._Element, role: str, card: str, date: str | None = None) -> None:
    contribute = _add(parent, "contribute")
    _vocabulary(contribute, "role", role)
    _add(contribute, "entity", card)
    if date:
        _add(_add(contribute, "date"), "dateTime", date)


def _card(name: str | None, organization: str) -> str:
    """A vCard 3.0; lines end in LF, since XML folds CRLF. An organization stands alone where no person is named."""
    family = f"N:{name.removesuffix('老师')};;;;" if name else "N:;;;;"
    return f"BEGIN:VCARD\nVERSION:3.0\nFN:{name or organization}\n{family}\nORG:{organization}\nEND:VCARD"


def _identifier(parent: etree._Element, catalog: str, entry: str) -> None:
    identifier = _add(parent, "identifier")
    _add(identifier, "catalog", catalog)
    _add(identifier, "entry", entry)


def _vocabulary(parent: etree._Element, name: str, value: str, source: str = SOURCE) -> None:
    entry = _add(parent, name)
    _add(entry, "source", source)
    _add(entry, "value", value)


def _string(parent: etree._Element, name: str, text: str) -> None:
    _add(_add(parent, name), "string", text).set("language", LANGUAGE)


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    child.text = text
    return child
