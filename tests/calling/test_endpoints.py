"""Credentials go to the service, to servers a user allows, to this machine, and nowhere else."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st
from profiles import examples
from urllib3.util import parse_url

from importer.calling.endpoints import (
    REGIONS,
    Service,
    checked_endpoint,
    checked_project_id,
    checked_region,
    iam_endpoint,
    is_loopback,
    region_of,
    service_endpoint,
)
from importer.errors import UsageError

GOOD = "https://dli.cn-north-4.myhuaweicloud.com"
HOST = GOOD.removeprefix("https://")

HOSTILE = [
    "",
    " ",
    "https://",
    "https:///",
    HOST,
    f"//{HOST}",
    f"ftp://{HOST}",
    f"http://{HOST}",
    f"http://{HOST}:443",
    f"https:/{HOST}",
    f"https:{HOST}",
    f"https://{HOST}:80",
    f"https://{HOST}:8443",
    f"https://{HOST}:0",
    f"https://{HOST}:",
    f"https://{HOST}:0443",
    f"https://{HOST}:65979",
    f"https://{HOST}:4 43",
    f"https://{HOST}:４４３",
    f"https://{HOST}.",
    f"https://.{HOST}",
    f"https://{HOST}..",
    f"https://{HOST}/v2.0",
    f"https://{HOST}//",
    f"https://{HOST}/.",
    f"https://{HOST}/%2e",
    f"https://{HOST}?",
    f"https://{HOST}?x=1",
    f"https://{HOST}#",
    f"https://{HOST}#@evil.example",
    f"https://{HOST};x",
    f"https://{HOST}@evil.example",
    f"https://user@{HOST}",
    f"https://user:secret@{HOST}",
    f"https://evil.example@{HOST}",
    f"https://{HOST}\\@evil.example",
    f"https://evil.example\\@{HOST}",
    f"https://evil.example\\.{HOST}",
    f"https:\\\\{HOST}",
    f"https://{HOST}%00.evil.example",
    f"https://{HOST}%2eevil.example",
    "https://dli%2ecn-north-4.myhuaweicloud.com",
    f"https://{HOST}\x00",
    f"https://{HOST}\n",
    f"https://{HOST}\r\nX-Evil: 1",
    f"https://{HOST}\t",
    f"\t{GOOD}",
    f" {GOOD}",
    f"{GOOD} ",
    f"https://{HOST}\u00a0",
    f"https://{HOST}\u2028",
    f"https://{HOST}\u202e",
    f"https://{HOST}.evil.example",
    f"https://{HOST}-evil.example",
    f"https://evil-{HOST}",
    f"https://evil.{HOST}",
    "https://dli.cn-north-4.myhuaweicloud.com.cn",
    "https://dli.cn-north-4.myhuaweicloud.co",
    "https://dli.cn-north-4.myhuaweicloud.eu",
    "https://dli.eu-west-101.myhuaweicloud.com",
    "https://dli.cn-north-99.myhuaweicloud.com",
    "https://dli.myhuaweicloud.com",
    "https://dli..myhuaweicloud.com",
    "https://dli.cn-north-4.evil.example.myhuaweicloud.com",
    "https://dlicn-north-4.myhuaweicloud.com",
    "https://dli_cn-north-4.myhuaweicloud.com",
    "https://obs.cn-north-4.myhuaweicloud.com",
    "https://iam.cn-north-4.myhuaweicloud.com",
    "https://dli.cn-north-4.myhuaweıcloud.com",
    "https://dli.cn-north-4.myhuaweicloud。com",
    "https://dli.cn-north-4.myhuaweiclouｄ.com",
    "https://dli.cn-north-4.myhuawei\u00adcloud.com",
    "https://dli.cn-north-4.myhuawe\u212acloud.com",
    "https://xn--dli-cn.myhuaweicloud.com",
    "https://dli.cn-north-4.xn--myhuaweicloud-abc.com",
    "https://10.0.0.1",
    "https://1.2.3.4:443",
    "https://0x7f000001",
    "https://2130706433",
    "https://0",
    "http://0.0.0.0:8000",
    "http://127.1",
    "http://127.0.1",
    "http://0177.0.0.1",
    "http://0x7f.0.0.1",
    "http://127.0.0.01",
    "http://127.0.0.256",
    "http://127.0.0.1.",
    "http://127.0.0.1.evil.example",
    "http://127.0.0.1@evil.example",
    "http://127.0.0.1:80@evil.example",
    "http://localhost.",
    "http://localhost.evil.example",
    "http://evil.localhost",
    "http://localhost#@evil.example",
    "http://[::]:8000",
    "http://[::2]",
    "http://[0:0:0:0:0:0:0:1]",
    "http://[::ffff:127.0.0.1]",
    "http://[::1%25lo]",
    "http://[::1",
    "http://::1",
    "http://[::1]evil.example",
    "http://[::1].evil.example",
    "http://169.254.169.254",
    "https://[fe80::1]",
    "http://127.0.0.1:65536",
    "http://127.0.0.1:99999",
    "http://127.0.0.1/path",
    "file:///etc/passwd",
    "javascript://x",
    "https://" + "a" * 300 + ".com",
    "https://" + "a." * 100_000 + "com",
]


@pytest.mark.parametrize("url", HOSTILE, ids=lambda url: ascii(url)[:60])
def test_hostile_urls(url: str) -> None:
    """Each is refused for DLI, in one visible line that shows no password."""
    with pytest.raises(UsageError) as caught:
        checked_endpoint(url, service="dli")
    for text in (str(caught.value), caught.value.hint):
        assert text
        assert text.isprintable()
        assert "secret" not in text
        assert len(text) < 300


@pytest.mark.parametrize("allowed", HOSTILE, ids=lambda url: ascii(url)[:60])
def test_hostile_allowances(allowed: str) -> None:
    """As `--allow-endpoint` each is refused, or it is a host that it says it is and nothing else."""
    strange = "https://strange.example"
    with pytest.raises(UsageError) as caught:
        checked_endpoint(strange, service="dli", allowed=[allowed])
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("region", sorted(REGIONS))
@pytest.mark.parametrize("service", ["dli", "iam"])
def test_every_region(region: str, service: Service) -> None:
    """The endpoints of each known region are taken, and belong to that region and that service."""
    url = service_endpoint(region, {}) if service == "dli" else iam_endpoint(region)
    assert checked_endpoint(url, service=service) == url
    assert f"https://{service}.{region}." in url
    assert region_of(service_endpoint(region, {})) == region
    assert checked_region(region) == region
    other: Service = "iam" if service == "dli" else "dli"
    with pytest.raises(UsageError):
        checked_endpoint(url, service=other)


def test_regions_of_the_official_sdk() -> None:
    """Ids and endpoints are those of the SDK's table, which is read, since its import writes to the home."""
    spec = importlib.util.find_spec("huaweicloudsdkdli")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the official SDK is not installed")
    table = Path(spec.submodule_search_locations[0], "v1", "region", "dli_region.py").read_text(
        encoding="utf-8"
    )
    found = re.findall(r'Region\("([^"]+)",\s*"([^"]+)"\)', table)
    assert dict(found) == {region: service_endpoint(region, {}) for region in REGIONS}


def test_iam_stays_in_its_part_of_the_world() -> None:
    """Regions that the SDK's IAM table lacks have an IAM of their own, under their own domain."""
    assert iam_endpoint("eu-west-101") == "https://iam.eu-west-101.myhuaweicloud.eu"
    assert iam_endpoint("ru-northwest-2") == "https://iam.ru-northwest-2.myhuaweicloud.com"
    assert iam_endpoint("af-north-1") == "https://iam.af-north-1.myhuaweicloud.com"


def test_endpoint_of_the_environment() -> None:
    """The SDK's variable for a region goes before the rule; of several endpoints the first is taken."""
    environ = {"HUAWEICLOUD_SDK_REGION_DLI_CN_NORTH_4": " https://a.example, https://b.example"}
    assert service_endpoint("cn-north-4", environ) == "https://a.example"
    assert service_endpoint("cn-north-1", environ) == "https://dli.cn-north-1.myhuaweicloud.com"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        (GOOD, GOOD),
        (GOOD + "/", GOOD),
        (GOOD + ":443", GOOD),
        (GOOD + ":443/", GOOD),
        (GOOD.upper(), GOOD),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("https://127.0.0.1:8000", "https://127.0.0.1:8000"),
        ("http://127.255.255.254:1", "http://127.255.255.254:1"),
        ("http://LOCALHOST:65535", "http://localhost:65535"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://[::1]", "http://[::1]"),
        ("http://127.0.0.1:443", "http://127.0.0.1:443"),
        ("https://localhost:80", "https://localhost:80"),
    ],
)
def test_origins(url: str, origin: str) -> None:
    """What is taken becomes an origin in lower case, the usual port left out."""
    assert checked_endpoint(url, service="dli") == origin
    assert checked_endpoint(origin, service="dli") == origin


@pytest.mark.parametrize(
    ("allowed", "url", "fits"),
    [
        ("dli.private.example", "https://dli.private.example", True),
        ("DLI.Private.Example", "https://dli.private.example/", True),
        ("dli.private.example:443", "https://dli.private.example", True),
        ("dli.private.example:8443", "https://dli.private.example:8443", True),
        ("dli.private.example:8443", "https://dli.private.example", False),
        ("dli.private.example", "https://dli.private.example:8443", False),
        ("dli.private.example", "http://dli.private.example", False),
        ("private.example", "https://dli.private.example", False),
        ("dli.private.example", "https://dli.private.example.evil.example", False),
        ("dli.cn-north-99.myhuaweicloud.com", "https://dli.cn-north-99.myhuaweicloud.com", True),
    ],
)
def test_allowances(allowed: str, url: str, fits: bool) -> None:
    """A further host is that host at that port, over https."""
    if fits:
        assert checked_endpoint(url, service="iam", allowed=[allowed]).startswith("https://dli.")
    else:
        with pytest.raises(UsageError):
            checked_endpoint(url, service="iam", allowed=[allowed])


@pytest.mark.parametrize(
    "url", ["https://dli.cn-north-99.myhuaweicloud.com", "https://dli.x-9.myhuaweicloud.eu"]
)
def test_a_new_region_can_be_allowed(url: str) -> None:
    """A region that is not known yet is refused with the option that takes it."""
    with pytest.raises(UsageError) as caught:
        checked_endpoint(url, service="dli")
    host = url.removeprefix("https://")
    assert f"--allow-endpoint {host}" in caught.value.hint
    assert checked_endpoint(url, service="dli", allowed=[host]) == url


def test_a_mistyped_region_is_put_right() -> None:
    """The hint names the regions that come close."""
    with pytest.raises(UsageError) as caught:
        checked_endpoint(service_endpoint("cn-nort-4", {}), service="dli")
    assert "did you mean cn-north-4" in caught.value.hint


parts = st.sampled_from(
    [
        *(
            "https",
            "http",
            "HTTPS",
            "://",
            ":",
            "/",
            "//",
            "\\",
            "@",
            "#",
            "?",
            "%",
            "%2e",
            ".",
            "..",
            ";",
            "&",
        ),
        *("dli", "iam", "cn-north-4", "eu-west-101", ".myhuaweicloud.com", ".myhuaweicloud.eu", HOST, GOOD),
        *(
            "127.0.0.1",
            "127.1",
            "localhost",
            "[::1]",
            "[",
            "]",
            "evil.example",
            "xn--a",
            "user:pw",
            "0x7f",
            "10.",
        ),
        *(
            "443",
            ":443",
            ":8000",
            ":0",
            " ",
            "\t",
            "\n",
            "\x00",
            "。",
            "ｄ",
            "\u212a",
            "ß",
            "\u00ad",
            "-",
            "_",
        ),
    ]
)
valid = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(["https", "http", "HTTPS"]),
    st.sampled_from([HOST, HOST.upper(), "127.0.0.1", "127.9.8.7", "localhost", "[::1]", "evil.example"]),
    st.sampled_from(["", "", ":443", ":80", ":8000", ":65535", ":65536"]),
    st.sampled_from(["", "/"]),
)
urls = st.one_of(
    valid,
    st.builds(lambda url, part, at: url[:at] + part + url[at:], valid, parts, st.integers(0, 60)),
    st.builds(lambda url, part, at: url[:at] + part + url[at + 1 :], valid, parts, st.integers(0, 60)),
    st.lists(parts, max_size=7).map("".join),
    st.text(max_size=30).map(lambda text: "https://" + text),
)


@given(url=urls, allowed=st.sampled_from([[], ["evil.example"], ["evil.example:8000", "dli.evil.example"]]))
@example(GOOD + "/", [])
@example("http://127.0.0.1:8000", [])
@example("https://evil.example:8000", ["evil.example:8000"])
@examples(20)
def test_the_host_we_see_is_the_host_that_is_called(url: str, allowed: list[str]) -> None:
    """Of what is taken, urllib3 (which connects) and urllib see the same scheme, host and port."""
    try:
        origin = checked_endpoint(url, service="dli", allowed=allowed)
    except UsageError:
        event("refused")
        return
    for text in (url, origin, origin + "/v2.0/p/datasource"):
        called, seen = parse_url(text), urlsplit(text)
        usual = 443 if called.scheme == "https" else 80
        port = called.port or usual
        assert called.auth is None
        assert origin == f"{called.scheme}://{called.host}" + (f":{port}" if port != usual else "")
        assert (seen.scheme, seen.hostname, seen.port or usual) == (
            called.scheme,
            str(called.host).strip("[]"),
            port,
        )
    local = called.host in ("localhost", "[::1]") or str(called.host).startswith("127.")
    assert is_loopback(origin) is local
    known = {service_endpoint(region, {}) for region in REGIONS}
    assert local or origin in known or origin.removeprefix("https://") in allowed


@pytest.mark.parametrize("project", ["0123456789abcdef0123456789abcdef", "sandbox-1", "a", "_", "A" * 64])
def test_project_ids(project: str) -> None:
    """A project id comes back as it is."""
    assert checked_project_id(project) == project


@pytest.mark.parametrize(
    "project",
    ["", "a" * 65, "..", "a/b", "a?b", "a#b", "a b", "a%2fb", "a\n", "\n", "é", "１", "{project_id}"],
)
def test_no_project_ids(project: str) -> None:
    """What could change a URL is refused."""
    with pytest.raises(UsageError):
        checked_project_id(project)


@pytest.mark.parametrize(
    "region",
    [
        "",
        "cn",
        "cn-",
        "-cn",
        "cn--1",
        "CN-NORTH-4",
        "cn-north-4.evil.example/",
        "cn_north_4",
        "cn-é",
        "cn-１",
        "a\n-b",
    ],
)
def test_no_regions(region: str) -> None:
    """A region id has lower-case letters, digits and single hyphens; anything else is refused."""
    with pytest.raises(UsageError):
        checked_region(region)
