"""What an XPath of a manifest may say: known names only, and paths that go down.

libxml2 merges node sets in quadratic time and XPath 1.0 lets a path turn around, so an expression of 20 characters can
hold a processor for minutes over 1 MB of XML. A comparison of two paths takes every node of one with every node of
the other. Where `//` and `..` stand only at the beginning of a path and never in brackets, without unions and with a
path on one side of a comparison only, the time is in proportion to the record and the length of the expression.
"""

import itertools
import re
from collections.abc import Collection

from connectors.extraction.expressions import ExpressionError

LONGEST = 500
"""Characters of an expression."""
MOST_DESCENTS = 3
"""How often an expression may say `//`."""
_ON_NODES = ("count", "id", "lang", "last", "local-name", "name", "namespace-uri", "position")
_ON_TEXT = ("concat", "contains", "normalize-space", "starts-with", "string", "string-length", "substring")
_ON_PARTS = ("substring-after", "substring-before", "translate")
_ON_TRUTH_AND_NUMBERS = ("boolean", "false", "not", "true", "ceiling", "floor", "number", "round", "sum")
FUNCTIONS = frozenset((*_ON_NODES, *_ON_TEXT, *_ON_PARTS, *_ON_TRUTH_AND_NUMBERS))
"""The functions of XPath 1.0 (section 4 of the recommendation)."""
_NODE_TYPES = frozenset(("comment", "node", "processing-instruction", "text"))
_DOWNWARDS = frozenset(("attribute", "child", "descendant", "descendant-or-self", "self"))
_COMPARISONS = frozenset(("=", "!=", "<", "<=", ">", ">="))
_ARITHMETIC = frozenset(("+", "-", "*", "div", "mod"))
_OPERATORS = frozenset(("+", "-", ",", *_COMPARISONS))
_MISSING = {
    "$": "variables do not exist here; write the value itself",
    "|": "unions are not allowed; write *[self::a or self::b], or the second path under alternatives",
}
_WORD_OPERATORS = frozenset(("*", "and", "or", "div", "mod"))
_PIECES = re.compile(
    r"""\s*("[^"]*"|'[^']*'|\d+(?:\.\d*)?|\.\d+|//|::|\.\.|!=|<=|>=|[^\W\d][\w.-]*(?::(?!:)(?:[^\W\d][\w.-]*|\*))?|\S)"""
)


def check_xpath(text: str, prefixes: Collection[str]) -> None:
    """Raises `ExpressionError` for undeclared prefixes, unknown functions, variables and paths that may cost much."""
    if len(text) > LONGEST:
        raise ExpressionError(f"an XPath has at most {LONGEST} characters, this one {len(text)}")
    pieces = [found[1] for found in _PIECES.finditer(text)]
    if pieces.count("//") > MOST_DESCENTS:
        raise ExpressionError(f"{text}: an XPath says // at most {MOST_DESCENTS} times")
    _Walk(text, prefixes).through(pieces)


class _Place:
    """Where a walk stands: in brackets or not, after an operand or not, behind a path's first named step or not.

    `grouping` tells brackets around an operand from those behind one. `nodes` says whether what was read since the
    operator gives nodes, `number` whether it is reckoned with, `against` whether nodes are on the left of a comparison,
    `compared` whether there was an operator that gives a truth.
    """

    def __init__(self, *, bracketed: bool, grouping: bool = False) -> None:
        self.bracketed = bracketed
        self.grouping = grouping
        self.operand = False
        self.named = False
        self.nodes = self.number = self.against = self.compared = False

    @property
    def gives_nodes(self) -> bool:
        """Whether what was read is a path as a whole or a side of a comparison that is one."""
        return self.nodes and not self.number


class _Walk:
    """One pass over the pieces of an expression, with a place for every open bracket."""

    def __init__(self, text: str, prefixes: Collection[str]) -> None:
        self._text = text
        self._prefixes = prefixes
        self._places = [_Place(bracketed=False)]

    def through(self, pieces: list[str]) -> None:
        for piece, following in itertools.pairwise([*pieces, ""]):
            place = self._places[-1]
            if piece in ("[", "("):
                grouping = piece == "(" and not place.operand
                self._places.append(_Place(bracketed=place.bracketed or piece == "[", grouping=grouping))
            elif piece in ("]", ")"):
                self._close()
            elif piece in ("/", "//"):
                self._slash(piece, place)
            elif piece in _OPERATORS or (place.operand and piece in _WORD_OPERATORS):
                self._operator(piece, place)
            elif following == "::":
                self._axis(piece, place)
            elif piece not in ("::", "@"):
                self._operand(piece, following, place)
                place.operand = True
        for place in self._places:
            self._compared(place)

    def _refuse(self, reason: str) -> None:
        raise ExpressionError(f"{self._text}: {reason}")

    def _close(self) -> None:
        if len(self._places) > 1:
            inner = self._places.pop()
            self._compared(inner)
            place = self._places[-1]
            place.operand = place.named = True
            place.nodes = place.nodes or (inner.grouping and not inner.compared and inner.gives_nodes)

    def _operator(self, piece: str, place: _Place) -> None:
        place.operand = place.named = False
        if piece in _ARITHMETIC:
            place.number = True
            return
        self._compared(place)
        place.compared = place.compared or piece != ","
        place.against = piece in _COMPARISONS and place.gives_nodes
        place.nodes = place.number = False

    def _compared(self, place: _Place) -> None:
        if place.against and place.gives_nodes:
            self._refuse(
                "a comparison has a path on one side only; compare with a value, or with string(…), the first of a path"
            )

    def _slash(self, piece: str, place: _Place) -> None:
        if not place.operand:
            self._refuse(
                "a path starts at the record, not at the document; "
                "write .//name for a name anywhere below, name/inner for one step after the other"
            )
        place.operand = False
        if piece == "//":
            self._descend(place)

    def _axis(self, name: str, place: _Place) -> None:
        if name not in _DOWNWARDS and name != "parent":
            self._refuse(f"{name}:: is not allowed, it can walk the whole document; a path goes down")
        if name == "parent":
            self._up("parent::", place)
        if name.startswith("descendant"):
            self._descend(place)

    def _up(self, step: str, place: _Place) -> None:
        if place.bracketed:
            self._refuse(f"{step} is not allowed in brackets; there a path goes down")
        if place.named:
            self._refuse(f"{step} stands only at the beginning of a path; put a condition in brackets instead")

    def _descend(self, place: _Place) -> None:
        if place.named:
            self._refuse("// stands only at the beginning of a path, as in .//name; name the steps between")
        if place.bracketed:
            self._refuse("// is not allowed in brackets; name the steps there")
        place.named = True

    def _operand(self, piece: str, following: str, place: _Place) -> None:
        if piece == "..":
            self._up(piece, place)
        place.named = place.named or piece not in (".", "..")
        if piece in _MISSING:
            self._refuse(_MISSING[piece])
        if piece[0] in "\"'0123456789" or (piece[0] == "." and piece[1:].isdigit()):
            return
        place.nodes = place.nodes or following != "(" or piece in _NODE_TYPES or piece == "id"
        if piece[0] == ".":
            return
        if following == "(" and piece not in FUNCTIONS and piece not in _NODE_TYPES:
            self._refuse(f"there is no function {piece}() in XPath 1.0; known: {', '.join(sorted(FUNCTIONS))}")
        prefix, colon, _ = piece.partition(":")
        if colon and prefix not in self._prefixes:
            self._refuse(f"the prefix {prefix!r} is not declared; known: {', '.join(sorted(self._prefixes))}")
