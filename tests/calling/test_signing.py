"""Signatures are those of the official SDK's own signer, over thousands of requests; one is spelled out."""

from __future__ import annotations

import hashlib
import importlib
import string
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from profiles import examples

from importer.calling.signing import sign

AK, SK = "AKEXAMPLE", "sk/with+chars=and%20more"
WHEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
JSON = {"Content-Type": "application/json"}

segments = st.text("abcXYZ019-._~*'() +,:;=@!$&中文é%😀", min_size=1, max_size=12)
paths = st.lists(segments, max_size=5).map(lambda parts: "/" + "/".join(parts))
words = st.text("ab019-_.~*' /=&+%中é,", max_size=8)
queries = st.lists(st.tuples(words, words), max_size=5)
header_names = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=10).map(
    lambda n: "X-" + n
)
header_values = st.text(string.ascii_letters + string.digits + " ,;:=/é中\t", max_size=20)
content_types = st.sampled_from(
    [
        None,
        "",
        "application/json",
        "application/json;charset=UTF-8",
        "application/bson",
        "application/octet-stream",
        "text/plain",
    ]
)
hosts = st.sampled_from(["dli.cn-north-4.myhuaweicloud.com", "127.0.0.1:8000", "[::1]:80", "localhost"])
bodies = st.one_of(
    st.just(b""),
    st.binary(max_size=200),
    st.integers(0, 255).map(lambda byte: bytes([byte]) * (1 << 20)),
    st.sampled_from([b"{}", '{"name": "中文"}'.encode()]),
)


@st.composite
def header_sets(draw: st.DrawFn) -> dict[str, str]:
    """Headers whose names differ in more than case, with those that the service knows among them."""
    pairs = draw(
        st.lists(st.tuples(header_names, header_values), max_size=5, unique_by=lambda p: p[0].lower())
    )
    headers = dict(pairs)
    for name in ("X-Project-Id", "X-Security-Token"):
        if draw(st.booleans()):
            headers[name] = draw(header_values)
    content_type = draw(content_types)
    if content_type is not None:
        headers["Content-Type"] = content_type
    reserved = {"x-sdk-date", "x-sdk-content-sha256"}
    kept = {name: value for name, value in headers.items() if name.lower() not in reserved}
    return {name: value for name, value in kept.items() if [n.lower() for n in kept].count(name.lower()) == 1}


@pytest.fixture(scope="module")
def sdk() -> Any:
    """The SDK's signer with a clock that stands still: a function from a request to its signed headers."""
    signer = pytest.importorskip("huaweicloudsdkcore.signer.signer")
    request_type = importlib.import_module("huaweicloudsdkcore.sdk_request").SdkRequest

    class Clock(datetime):
        """What the signer imports as `datetime`."""

        @classmethod
        def utcnow(cls) -> datetime:
            """The one moment there is."""
            return WHEN.replace(tzinfo=None)

    def signed(
        method: str, host: str, path: str, query: list[tuple[str, str]], headers: dict[str, str], body: bytes
    ) -> dict[str, str]:
        request = request_type(method, "https", host, path, None, list(query), dict(headers), body)
        result: dict[str, str] = signer.Signer(SimpleNamespace(ak=AK, sk=SK)).sign(request).header_params
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signer, "datetime", Clock)
        yield signed


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "get"]),
    host=hosts,
    path=paths,
    query=queries,
    headers=header_sets(),
    body=bodies,
)
@example("GET", "h", "/v2.0/a~b/*/c d", [("b", "2"), ("a", "2"), ("a", "1"), ("a", "")], {}, b"")
@example("POST", "h", "/", [], {"X-Has_Underscore": "1", **JSON}, b"{}")
@example("POST", "h", "/", [], {"Content-Type": "text/plain"}, b"text")
@examples(10)
def test_equal_to_the_official_signer(
    sdk: Any,
    method: str,
    host: str,
    path: str,
    query: list[tuple[str, str]],
    headers: dict[str, str],
    body: bytes,
) -> None:
    """Every header that the SDK's signer adds is added, with the same value."""
    encoded = quote(path, safe="/~")
    url = f"https://{host}{encoded}" + ("?" + urlencode(query, quote_via=quote) if query else "")
    expected = sdk(method, host, encoded, query, headers, body)
    added = sign(method, url, headers, body, AK, SK, WHEN)
    assert added == {name: expected[name] for name in expected if name not in headers}


def test_known_signature() -> None:
    """A signature written out by hand, for those who have no SDK."""
    added = sign("GET", "https://dli.example/v2.0/p?limit=1&a=%20", dict(JSON), b"", AK, SK, WHEN)
    canonical = (
        "GET\n/v2.0/p/\na=%20&limit=1\ncontent-type:application/json\nhost:dli.example\n"
        "x-sdk-date:20260304T050607Z\n\ncontent-type;host;x-sdk-date\n" + hashlib.sha256(b"").hexdigest()
    )
    text = "SDK-HMAC-SHA256\n20260304T050607Z\n" + hashlib.sha256(canonical.encode()).hexdigest()
    hmac = importlib.import_module("hmac")
    signature = hmac.new(SK.encode(), text.encode(), "sha256").hexdigest()
    assert added == {
        "X-Sdk-Date": "20260304T050607Z",
        "Host": "dli.example",
        "Authorization": "SDK-HMAC-SHA256 Access=AKEXAMPLE, "
        f"SignedHeaders=content-type;host;x-sdk-date, Signature={signature}",
    }


def test_the_clock_is_told_in_utc() -> None:
    """A time in another zone is the same time."""
    elsewhere = WHEN.astimezone(timezone(timedelta(hours=8)))
    url = "https://dli.example/"
    assert sign("GET", url, {}, b"", AK, SK, elsewhere) == sign("GET", url, {}, b"", AK, SK, WHEN)


@pytest.mark.parametrize(
    ("url", "headers", "body", "secret"),
    [
        ("https://dli.example/b", JSON, b"{}", SK),
        ("https://dli.example/a?x=1", JSON, b"{}", SK),
        ("https://other.example/a", JSON, b"{}", SK),
        ("https://dli.example/a", {**JSON, "X-Project-Id": "p"}, b"{}", SK),
        ("https://dli.example/a", JSON, b"{ }", SK),
        ("https://dli.example/a", JSON, b"{}", SK + "x"),
    ],
)
def test_everything_is_covered(url: str, headers: dict[str, str], body: bytes, secret: str) -> None:
    """Another path, query, host, header, body or key gives another signature."""
    usual = sign("POST", "https://dli.example/a", JSON, b"{}", AK, SK, WHEN)["Authorization"]
    assert sign("POST", url, headers, body, AK, secret, WHEN)["Authorization"] != usual
