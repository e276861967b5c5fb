"""How values are found in what a platform sent: expressions compiled to closures."""

from connectors.extraction.chains import chain_of_names
from connectors.extraction.comparison import truthy
from connectors.extraction.embedded import decode_embedded
from connectors.extraction.expressions import Expression, ExpressionError, compile_expression
from connectors.extraction.json_body import JsonError, read_json
from connectors.extraction.kinds import kind_of, word_of
from connectors.extraction.languages import JMESPATH, Language, XPathLanguage
from connectors.extraction.namespaces import NAMESPACES
from connectors.extraction.patterns import Pattern, PatternError, compile_cut, compile_pattern
from connectors.extraction.types import JmesPath
from connectors.extraction.xml_body import XmlError, read_xml

__all__ = [
    "JMESPATH",
    "NAMESPACES",
    "Expression",
    "ExpressionError",
    "JmesPath",
    "JsonError",
    "Language",
    "Pattern",
    "PatternError",
    "XPathLanguage",
    "XmlError",
    "chain_of_names",
    "compile_cut",
    "compile_expression",
    "compile_pattern",
    "decode_embedded",
    "kind_of",
    "read_json",
    "read_xml",
    "truthy",
    "word_of",
]
