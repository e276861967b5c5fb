"""How values are found in what a platform sent: expressions compiled to closures."""

from connectors.extraction.comparison import truthy
from connectors.extraction.expressions import Expression, ExpressionError, compile_expression
from connectors.extraction.json_body import JsonError, read_json
from connectors.extraction.languages import JMESPATH, Language, XPathLanguage
from connectors.extraction.namespaces import NAMESPACES
from connectors.extraction.types import JmesPath

__all__ = [
    "JMESPATH",
    "NAMESPACES",
    "Expression",
    "ExpressionError",
    "JmesPath",
    "JsonError",
    "Language",
    "XPathLanguage",
    "compile_expression",
    "read_json",
    "truthy",
]
