"""Messages of clients: whatever comes is a message or an end with a code, never anything else."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from gateway.web.streaming.messages import CloseCode, Closing, Message, read_message
from gateway.web.streaming.origins import may_connect

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
HOSTS = st.text(st.characters(max_codepoint=127), max_size=30)
TYPES = st.sampled_from(["connection_init", "ping", "pong", "subscribe", "complete", "next", "start", ""])
MESSAGES = st.fixed_dictionaries(
    {}, optional={"type": TYPES | JSON, "id": st.text(max_size=140) | JSON, "payload": JSON, "more": JSON}
)


def judged(text: str | None) -> Message | Closing:
    try:
        return read_message(text)
    except Closing as closing:
        return closing


@given(st.none() | st.text(max_size=60))
def test_any_text_is_a_message_or_an_end_with_a_code(text: str | None) -> None:
    assert isinstance(judged(text), Message | Closing)


@given(MESSAGES)
def test_any_object_is_a_message_of_the_protocol_or_an_end_for_being_invalid(document: dict[str, object]) -> None:
    found = judged(orjson.dumps(document).decode())
    if isinstance(found, Closing):
        assert found.code is CloseCode.INVALID
        assert 0 < len(found.reason.encode()) <= 123
        return
    assert found.type == document["type"]
    assert found.payload is None or found.type == "complete" or isinstance(found.payload, dict)
    if found.type in ("subscribe", "complete"):
        assert found.id == document["id"]
        assert 1 <= len(found.id) <= 128


def test_a_reason_is_cut_where_a_character_ends() -> None:
    assert Closing(CloseCode.INVALID, "山" * 100).reason == "山" * 41


def test_a_key_that_comes_twice_is_refused_as_it_is_by_http() -> None:
    found = judged('{"type": "subscribe", "id": "a", "payload": {"query": "{a}", "query": "{b}"}}')
    assert isinstance(found, Closing)
    assert (found.code, found.reason) == (CloseCode.INVALID, "the message has the key 'query' twice")


def test_lone_surrogates_are_not_json() -> None:
    found = judged('{"type": "subscribe", "id": "\\ud800", "payload": {}}')
    assert isinstance(found, Closing)
    assert found.reason.startswith("the message is not JSON")


@given(st.text(max_size=30), st.sampled_from(["http", "https", "ftp", ""]), HOSTS)
def test_any_origin_is_judged_and_only_a_page_of_the_same_host_is_ours(origin: str, scheme: str, host: str) -> None:
    assert may_connect(origin, host, ()) is (origin.lower() in (f"http://{host.lower()}", f"https://{host.lower()}"))
    assert may_connect(f"{scheme}://{host}".upper(), host, ()) is (scheme in ("http", "https"))
    assert may_connect(origin, None, ()) is False
    assert may_connect(origin, None, ("*",)) is may_connect(origin, host, (origin,)) is may_connect(None, host, ())
