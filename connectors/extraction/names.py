"""Names outside ASCII in JMESPath, which the language wants in quotes and partners write without."""

import re

_PIECES = re.compile(r"""'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|"(?:\\.|[^"\\])*"|\w+""", re.DOTALL)


def quoted(text: str) -> str:
    """The expression with names such as 课程名称 put in quotes; literals and names in quotes stay as they are."""
    return text if text.isascii() else _PIECES.sub(_quoted_piece, text)


def _quoted_piece(piece: re.Match[str]) -> str:
    found = piece[0]
    return found if found.isascii() or found[0] in "'`\"" else f'"{found}"'
