"""Full-width characters."""

import unicodedata
from typing import Any

from connectors.manifest.transforms.reading import text


def half_width(value: Any) -> str:
    """Text with full-width letters, digits and signs made half-width (NFKC).

    >>> half_width("ＡＢＣ１２３（上）")
    'ABC123(上)'
    """
    return unicodedata.normalize("NFKC", text(value))
