"""Small manifests for tests, built from text so that lines and columns are those of a person's file."""

HEAD = """\
manifest: 1
version: 3
platform:
  code: example
  name: 示例平台
  region: "500103"
origin: https://api.example.org
"""

FIELDS = """\
    nativeId: id
    title: title
    kind: {constant: LESSON}
"""


def manifest(*, fields: str = FIELDS, top: str = "", harvest: str = "") -> str:
    """A manifest with these extra parts."""
    return f"{HEAD}{top}harvest:\n  protocol: rest\n  request:\n    path: /items\n{harvest}  fields:\n{fields}"
