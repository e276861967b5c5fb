"""The examples in docs/manifest.md are credentials, and the vector shown there comes out."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.connectors.credentials.platforms import REQUEST, SPECS, Clock, Issuer

REFERENCE = (Path(__file__).resolve().parents[3] / "docs" / "manifest.md").read_text("utf-8")
SECTION = REFERENCE.partition("\n## Credentials\n")[2].partition("\n## ")[0]


def examples(key: str) -> list[Any]:
    """What the YAML blocks of the section hold under a key."""
    return [yaml.safe_load(block)[key] for block in re.findall(rf"```yaml\n({key}:.*?)```", SECTION, re.DOTALL)]


@pytest.mark.parametrize("example", examples("credentials"), ids=lambda example: example["kind"])
async def test_the_examples_prove_themselves(example: dict[str, Any]) -> None:
    spec = SPECS.validate_python(example)
    names = ["platformKey", "platformCertificate", "platformCertificateKey", "platformSecret", "account", "password"]
    credential = spec.build({name: f"value of {name}" for name in names}, Clock().now)
    request = await credential.authorize(REQUEST, Issuer('{"data": {"token": "t0ken-1", "expiresIn": 9}}'))
    assert (request is REQUEST) is (example["kind"] == "mutualTls")


def test_there_is_an_example_of_what_needs_one() -> None:
    assert [example["kind"] for example in examples("credentials")] == [
        "apiKey",
        "mutualTls",
        "combined",
        "session",
        "hmac",
    ]


def test_the_text_of_the_example_is_the_one_its_comment_says() -> None:
    [example] = [example for example in examples("credentials") if example["kind"] == "hmac"]
    [stated] = re.findall(r"credentials: # the text is (\S+)", SECTION)
    vector = {
        "method": "POST",
        "url": "https://platform.example/pay",
        "body": '{"amount": 5}',
        "timestamp": 1762000000,
        "secrets": {"platformSecret": "demo"},
        "text": stated,
        "signature": "unknown",
    }
    assert [found.what for found in SPECS.validate_python(example | {"vectors": [vector]}).check_vectors()] == [
        "signature"
    ]


def test_the_vector_comes_out() -> None:
    [vectors] = examples("vectors")
    spec = {"kind": "hmac", "appKey": "appKey", "secret": "appSecret", "vectors": vectors}
    assert len(vectors) == 1
    assert SPECS.validate_python(spec).check_vectors() == []


def test_every_kind_is_listed() -> None:
    kinds = SECTION.partition("### credentials.kind\n")[2].partition("\n### ")[0]
    listed = re.findall(r"^- `(\w+)`:", kinds, re.MULTILINE)
    assert sorted(listed) == sorted(SPECS.json_schema()["discriminator"]["mapping"])
