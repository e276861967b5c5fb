"""Recorded exchanges show everything but secrets."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.transport import Recording, Redactor, Request, Response
from tests.connectors.transport.fakes import Scripted, get

ANSWER = Response(
    200,
    {"set-cookie": "id=abc", "content-type": "application/json"},
    b'{"data": {"accessToken": "t0ken", "title": "\\u52fe"}, "echo": "pa&ss"}',
    "https://platform.example/?sign=f00",
)


async def test_the_caller_gets_the_answer_untouched_and_the_record_is_redacted() -> None:
    recording = Recording(Scripted([ANSWER]), ["pa&ss"])
    request = Request(
        "POST",
        "https://platform.example/?q=1&appKey=k1&sign=f00&p=pa%26ss",
        {"Authorization": "Bearer t0ken", "Accept": "*/*"},
        b'{"password": "pa&ss", "page": 2}',
    )
    assert await recording.send(request) is ANSWER
    [exchange] = recording.exchanges
    assert exchange.request.url == "https://platform.example/?q=1&appKey=•••&sign=•••&p=•••"
    assert exchange.request.headers == {"Authorization": "•••", "Accept": "*/*"}
    assert exchange.request.body.decode() == '{"password": "•••", "page": 2}'
    assert exchange.response.headers == {"set-cookie": "•••", "content-type": "application/json"}
    assert exchange.response.body.decode() == '{"data": {"accessToken": "•••", "title": "\\u52fe"}, "echo": "•••"}'
    assert exchange.response.url == "https://platform.example/?sign=•••"


async def test_only_the_last_exchanges_are_kept() -> None:
    recording = Recording(Scripted(), keep=2)
    for page in range(5):
        await recording.send(get(f"https://platform.example/?page={page}"))
    assert [exchange.request.url[-1] for exchange in recording.exchanges] == ["3", "4"]


def test_a_secret_is_found_in_the_spelling_of_json_addresses_and_basic() -> None:
    secret = 'pa"ß w'
    for spelling in (r"pa\"ß w", r"pa\"\u00df w", "pa%22%C3%9F%20w", "pa%22%C3%9F+w", "cGEiw58gdw=="):
        assert Redactor([secret]).text(f"before {spelling} after") == "before ••• after"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=4).filter(lambda text: "•" not in text), st.text())
def test_a_known_secret_never_survives(secret: str, around: str) -> None:
    assert secret not in Redactor([secret]).text(around + secret + around).replace(around, "")
