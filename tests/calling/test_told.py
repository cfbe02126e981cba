"""What is wrong with credentials, clocks and endpoints is told for what it is, before or behind the call."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path

import pytest
import trustme
from raw_server import answer, keeps, serve
from secrets_kept import OTHER, SECRET, all_of, assert_kept

from importer.calling.account import AccountOptions, account_of, find_target
from importer.calling.calls import Answer, Call
from importer.calling.clocks import clock_apart
from importer.calling.credentials import Keys, Token, given_credentials
from importer.calling.endpoints import checked_endpoint
from importer.calling.network import network_settings
from importer.calling.reading import MOST_VALUES, json_object
from importer.calling.transport import Network, Transport
from importer.errors import CredentialsError, UsageError
from importer.sending.outcome import said_by

NOW = 1_800_000_000.0


# -- the clock


@pytest.mark.parametrize(
    ("apart", "words"),
    [(0, ""), (800, ""), (-800, ""), (1_000, "17 minutes ahead of"), (-90_000, "1,500 minutes behind")],
)
def test_clocks(apart: float, words: str) -> None:
    """A difference is told where it is why a signature is refused, and only there."""
    told = clock_apart({"Date": formatdate(NOW - apart, usegmt=True)}, NOW)
    assert (words in told) if words else told == ""
    assert clock_apart({"Date": "yesterday"}, NOW) == clock_apart({}, NOW) == ""


@pytest.mark.parametrize("credentials", [Keys("AK", SECRET), Token(OTHER)], ids=["keys", "token"])
def test_a_401_from_a_skewed_clock(credentials: Keys | Token) -> None:
    """Signatures depend on the clock, tokens do not."""
    date = formatdate(NOW + 3_600, usegmt=True)
    account = account_of(credentials, "http://x", "p", lambda: datetime.fromtimestamp(NOW, UTC))
    result = account.send(lambda _: Answer(401, {"Date": date}, b"{}", True), Call("GET", "http://x/y", {}))
    assert isinstance(result, Answer)
    assert ("60 minutes behind" in said_by(result).evidence) is isinstance(credentials, Keys)


# -- credentials


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("name", ["HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_AUTH_TOKEN"])
def test_quotation_marks(quote: str, name: str, tmp_path: Path) -> None:
    """Docker keeps them in the value."""
    environ = {"HW_ACCESS_KEY": "AK", "HW_SECRET_KEY": SECRET} | {name: f"{quote}{SECRET}{quote}"}
    with pytest.raises(CredentialsError, match=f"{name} stands in quotation marks") as caught:
        find_target(AccountOptions(region="cn-north-4"), environ=environ, home=tmp_path)
    assert_kept(all_of(caught.value))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"[basic]\nak=A\nsk={SECRET}\n[basic]\nak=B\n", "the section \\[basic\\] twice"),
        (f"[basic]\nak=A\nsk={SECRET}\nsk={OTHER}\n", "sk twice"),
        (f"[basic]\n{SECRET}=A\n{SECRET}=B\n", "a name twice"),
        (f"[basic]\nak='A'\nsk={SECRET}\n", "ak in .* stands in quotation marks"),
    ],
)
def test_profiles(text: str, words: str, tmp_path: Path) -> None:
    """What stands there twice is told, without a value."""
    path = tmp_path / "profile"
    path.write_text(text)
    with pytest.raises(CredentialsError, match=words) as caught:
        given_credentials(credentials_file=str(path), token_file="", token_stdin=None)
    assert_kept(all_of(caught.value))


# -- endpoints and proxies


@pytest.mark.parametrize("end", ["", "/", "/v3", "/v3/"])
def test_iam_with_its_version(end: str) -> None:
    """Other tools want IAM's endpoint with `/v3`; DLI has no such path."""
    iam = "https://iam.cn-north-4.myhuaweicloud.com"
    assert checked_endpoint(iam + end, service="iam") == iam
    if "v3" in end:
        with pytest.raises(UsageError):
            checked_endpoint("https://dli.cn-north-4.myhuaweicloud.com" + end, service="dli")


@pytest.mark.parametrize(
    "url", [f"https://iam.a.example{end}" for end in ("/v3/x", "/v2", "//v3", "/v3?a", "/v3//")]
)
def test_no_other_path(url: str) -> None:
    """Nothing else is passed over."""
    with pytest.raises(UsageError, match="endpoint"):
        checked_endpoint(url, service="iam", allowed=("iam.a.example",))


@pytest.mark.parametrize(
    ("url", "allowed", "fits"),
    [
        ("https://10.1.2.3", "10.1.2.3", True),
        ("https://10.1.2.3:8443", "10.1.2.3:8443", True),
        ("https://10.1.2.3", "10.1.2.4", False),
        ("https://10.1.2.3:8443", "10.1.2.3", False),
        ("http://10.1.2.3", "10.1.2.3", False),
        ("https://10.1.2.03", "10.1.2.3", False),
        ("https://10.1.2.300", "10.1.2.3", False),
        ("https://0.1.2.3", "10.1.2.3", False),
        ("https://10.1.2", "10.1.2.3", False),
    ],
)
def test_addresses(url: str, allowed: str, fits: bool) -> None:
    """A cloud of one's own is reached by the address that was allowed, and by no other spelling of one."""
    if fits:
        assert checked_endpoint(url, service="dli", allowed=(allowed,)) == url
        return
    with pytest.raises(UsageError) as caught:
        checked_endpoint(url, service="dli", allowed=(allowed,))
    assert caught.value.hint


def test_a_certificate_for_an_address(tmp_path: Path) -> None:
    """TLS by the authorities of --ca-bundle holds for an address as for a name."""
    import ssl

    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    for name, fits in (("127.0.0.1", True), ("127.0.0.2", False)):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(context)
        with (
            serve(keeps(answer(b"{}", 200)), context) as server,
            contextlib.closing(Transport(Network(verify=str(tmp_path / "ca.pem")), deadline=10)) as transport,
        ):
            assert isinstance(transport.send(Call("GET", server.url + "/x", {})), Answer) is fits


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("socks5://proxy:1080", "SOCKS"),
        ("SOCKS5H://user:pw@proxy:1080", "SOCKS"),
        ("http://user:s#cret@proxy:3128", "percent-encoded"),
        ("http://user:s/cret@proxy:3128", "percent-encoded"),
        ("http://user:12#cret@proxy:3128", "percent-encoded"),
        ("http://user:s?cret@proxy:3128", "percent-encoded"),
        ("http://user:s@cret@proxy:3128", "percent-encoded"),
    ],
)
def test_proxies(url: str, words: str) -> None:
    """What cannot be a proxy says what to do, and shows no password."""
    with pytest.raises(UsageError) as caught:
        network_settings(["https://dli.a.example"], environ={"HTTPS_PROXY": url})
    assert words in str(caught.value) + caught.value.hint
    assert "cret" not in str(caught.value) + caught.value.hint


# -- answers


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "is empty"),
        (b" \r\n", "is empty"),
        (b"<html></html>", "is HTML or XML"),
        (b"\xef\xbb\xbf <?xml?>", "is HTML or XML"),
        (b"OK", "is not JSON"),
        (b'{"a": 1}{', "is not JSON"),
        (b"\xff\xff\xff", "is not JSON"),
        (b"[1]", "is no JSON object"),
        (b"null", "is no JSON object"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[]," * 700_000, f"more than {MOST_VALUES:,} values"),
        (b'{"":"",' * 700_000, f"more than {MOST_VALUES:,} values"),
    ],
)
def test_why_it_is_not_understood(body: bytes, words: str) -> None:
    """Each kind in its own words; an error says enough by its status."""
    data, fault = json_object(body)
    assert (data, words in fault) == ({}, True)
    assert words in said_by(Answer(200, {}, body, True)).evidence
    assert said_by(Answer(502, {}, body, True)).evidence == "HTTP 502"


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate, gzip"])
def test_a_compressed_answer(coding: str) -> None:
    """Nobody asked for it, so that it is not read: told as such."""
    with (
        serve(keeps(answer(b"\x1f\x8b\x08", 200, f"Content-Encoding: {coding}"))) as server,
        contextlib.closing(Transport(deadline=10)) as transport,
    ):
        result = transport.send(Call("GET", server.url + "/x", {}))
    assert isinstance(result, Answer)
    assert not result.complete
    assert said_by(result).evidence == "HTTP 200 (the answer is compressed, though that was not asked for)"
