"""Expressions as pydantic types: checked when a manifest is read."""

from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from connectors.extraction.expressions import ExpressionError, compile_expression


def _valid_expression(text: str) -> str:
    try:
        compile_expression(text)
    except ExpressionError as error:
        raise PydanticCustomError("jmespath", "not a JMESPath: {reason}", {"reason": str(error)}) from error
    return text


JmesPath = Annotated[str, AfterValidator(_valid_expression)]
"""A JMESPath (https://jmespath.org)."""
