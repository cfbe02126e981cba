"""Where to send, by what right and on which way, is settled from options, files and environment alone."""

from __future__ import annotations

import argparse
import io
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
from accounts import profile
from command import ROOT, run_process
from requests.utils import select_proxy
from secrets_kept import OTHER, SECRET, all_of, assert_kept

from importer.calling.account import AccountOptions, Target, account_of, find_target
from importer.calling.calls import Answer, Call
from importer.calling.credentials import Keys, Token
from importer.calling.network import network_settings
from importer.cli.groups.account import add_account, network_of, target_of
from importer.errors import CredentialsError, ImporterError, UsageError

KEYS = {"HW_ACCESS_KEY": "AK", "HW_SECRET_KEY": SECRET}
CLOUD = "https://dli.cn-north-4.myhuaweicloud.com"
IAM = "https://iam.cn-north-4.myhuaweicloud.com"
LOCAL = "http://127.0.0.1:8000"
ELSEWHERE = "http://127.0.0.1:9000"
STRANGE = "https://dli.strange.example"


def line(folder: Path, **changes: str) -> str:
    """A file with what `dli-hosts sandbox` prints."""
    data = {
        "endpoint": LOCAL,
        "iam_endpoint": LOCAL,
        "project_id": "p",
        "access_key": "AK",
        "secret_key": SECRET,
    }
    path = folder / "line.json"
    path.write_text(json.dumps({**data, "token": OTHER, **changes}))
    path.chmod(0o600)
    return str(path)


def found(given: AccountOptions, home: Path, **environ: str) -> Target:
    """What comes of options and environment."""
    return find_target(given, environ=environ, home=home)


@pytest.mark.parametrize(
    ("given", "environ", "endpoint", "iam", "region"),
    [
        (AccountOptions(region="cn-north-4"), {}, CLOUD, IAM, "cn-north-4"),
        (
            AccountOptions(),
            {"HW_REGION_NAME": "cn-north-4", "OS_REGION_NAME": "x-1"},
            CLOUD,
            IAM,
            "cn-north-4",
        ),
        (AccountOptions(), {"OS_REGION_NAME": "cn-north-4"}, CLOUD, IAM, "cn-north-4"),
        (AccountOptions(region="cn-north-4"), {"HW_REGION_NAME": "x-1"}, CLOUD, IAM, "cn-north-4"),
        (AccountOptions(endpoint=CLOUD + "/"), {"HW_REGION_NAME": "x-1"}, CLOUD, IAM, "cn-north-4"),
        (AccountOptions(endpoint=LOCAL), {}, LOCAL, LOCAL, ""),
        (AccountOptions(region="sandbox-1", endpoint=LOCAL), {}, LOCAL, LOCAL, "sandbox-1"),
        (AccountOptions(endpoint=LOCAL), {"HUAWEICLOUD_SDK_IAM_ENDPOINT": IAM}, LOCAL, LOCAL, ""),
        (AccountOptions(endpoint=LOCAL, iam_endpoint=ELSEWHERE), {}, LOCAL, ELSEWHERE, ""),
        (AccountOptions(endpoint=STRANGE, allowed=("dli.strange.example",)), {}, STRANGE, "", ""),
        (
            AccountOptions(endpoint=STRANGE, allowed=("dli.strange.example",)),
            {"HW_REGION_NAME": "cn-north-4"},
            STRANGE,
            "",
            "cn-north-4",
        ),
        (
            AccountOptions(region="cn-north-99", allowed=("dli.cn-north-99.myhuaweicloud.com",)),
            {},
            "https://dli.cn-north-99.myhuaweicloud.com",
            "",
            "cn-north-99",
        ),
        (
            AccountOptions(endpoint=CLOUD[:-3] + "eu", allowed=("dli.cn-north-4.myhuaweicloud.eu",)),
            {},
            CLOUD[:-3] + "eu",
            "",
            "",
        ),
        (
            AccountOptions(region="eu-west-101"),
            {},
            "https://dli.eu-west-101.myhuaweicloud.eu",
            "https://iam.eu-west-101.myhuaweicloud.eu",
            "eu-west-101",
        ),
        (
            AccountOptions(region="cn-north-4", allowed=("a.example",)),
            {
                "HUAWEICLOUD_SDK_REGION_DLI_CN_NORTH_4": "https://a.example",
                "HUAWEICLOUD_SDK_IAM_ENDPOINT": "https://iam.cn-north-1.myhuaweicloud.com",
            },
            "https://a.example",
            "https://iam.cn-north-1.myhuaweicloud.com",
            "cn-north-4",
        ),
    ],
)
def test_endpoints(
    given: AccountOptions, environ: dict[str, str], endpoint: str, iam: str, region: str, tmp_path: Path
) -> None:
    """DLI by option, region or variable; IAM beside it, and never guessed for a host of others."""
    if given.endpoint == LOCAL:
        given = replace(given, credentials_file=profile(tmp_path, secret_key=SECRET))
    target = found(given, tmp_path, **KEYS, **environ)
    assert (target.endpoint, target.iam_endpoint, target.region) == (endpoint, iam, region)
    assert target.credentials == Keys("AK", SECRET)
    assert_kept(repr(target))


@pytest.mark.parametrize(
    ("given", "environ", "words"),
    [
        (AccountOptions(), {}, "neither a region nor an endpoint"),
        (AccountOptions(region="CN-NORTH-4"), {}, "is not a region id"),
        (AccountOptions(region="cn-nort-4"), {}, "not known as DLI"),
        (AccountOptions(region="cn-north-1", endpoint=CLOUD), {}, "contradict"),
        (AccountOptions(endpoint=STRANGE), {}, "not known as DLI"),
        (AccountOptions(endpoint=f"https://user:{SECRET}@x.example"), {}, "names a user"),
        (AccountOptions(region="cn-north-4", iam_endpoint=STRANGE), {}, "not known as IAM"),
        (AccountOptions(region="cn-north-4", iam_endpoint=LOCAL), {}, "only one is on this machine"),
        (AccountOptions(endpoint=LOCAL, iam_endpoint=IAM), {}, "only one is on this machine"),
        (
            AccountOptions(region="cn-north-4"),
            {"HUAWEICLOUD_SDK_IAM_ENDPOINT": LOCAL},
            "only one is on this machine",
        ),
        (AccountOptions(region="cn-north-4"), {"HUAWEICLOUD_SDK_IAM_ENDPOINT": STRANGE}, "not known as IAM"),
        (
            AccountOptions(region="cn-north-4"),
            {"HUAWEICLOUD_SDK_REGION_DLI_CN_NORTH_4": STRANGE},
            "not known as DLI",
        ),
        (AccountOptions(region="cn-north-4", project_id="../x"), {}, "is not a project id"),
        (AccountOptions(region="cn-north-4"), {"HW_PROJECT_ID": "a/b"}, "is not a project id"),
    ],
)
def test_refused(given: AccountOptions, environ: dict[str, str], words: str, tmp_path: Path) -> None:
    """What means nothing, contradicts itself or leads elsewhere stops before anything is sent."""
    if given.endpoint == LOCAL:
        given = replace(given, credentials_file=profile(tmp_path))
    with pytest.raises(UsageError, match=words) as caught:
        found(given, tmp_path, **KEYS, **environ)
    assert caught.value.hint
    assert_kept(all_of(caught.value) + caught.value.hint)


@pytest.mark.parametrize(
    ("given", "environ", "project"),
    [
        (AccountOptions(), {}, ""),
        (AccountOptions(project_id="mine"), {"HW_PROJECT_ID": "hw"}, "mine"),
        (AccountOptions(), {"HW_PROJECT_ID": "hw", "HUAWEICLOUD_SDK_PROJECT_ID": "sdk"}, "hw"),
        (
            AccountOptions(token_stdin=io.StringIO(OTHER)),
            {"OS_PROJECT_ID": "os", "HW_PROJECT_ID": "hw"},
            "hw",
        ),
    ],
)
def test_project_ids(given: AccountOptions, environ: dict[str, str], project: str, tmp_path: Path) -> None:
    """A project id belongs to the credentials it was set beside; a token by option has none of its own."""
    assert found(replace(given, region="cn-north-4"), tmp_path, **KEYS, **environ).project_id == project


def test_options_go_before_the_environment(tmp_path: Path) -> None:
    """A token by option is taken, whatever the environment has."""
    given = AccountOptions(region="cn-north-4", token_stdin=io.StringIO(OTHER + "\n"))
    assert found(given, tmp_path, **KEYS).credentials == Token(OTHER)


def test_a_line_of_the_sandbox_is_enough(tmp_path: Path) -> None:
    """Its endpoint and project are taken, whatever region the environment names for the cloud.

    That others can read it is not worth a warning: its keys open something on this machine only.
    """
    environ = {"HW_REGION_NAME": "cn-north-4", "HW_PROJECT_ID": "hw", "HUAWEICLOUD_SDK_IAM_ENDPOINT": IAM}
    path = line(tmp_path)
    Path(path).chmod(0o644)
    target = found(AccountOptions(credentials_file=path), tmp_path, **KEYS, **environ)
    assert target.warnings == ()
    assert (target.endpoint, target.iam_endpoint, target.project_id) == (LOCAL, LOCAL, "p")
    assert target.credentials == Keys("AK", SECRET)


@pytest.mark.parametrize(
    "given",
    [
        AccountOptions(endpoint=CLOUD),
        AccountOptions(endpoint=ELSEWHERE),
        AccountOptions(endpoint="http://localhost:8000"),
        AccountOptions(iam_endpoint=ELSEWHERE),
        AccountOptions(endpoint=LOCAL, iam_endpoint=IAM),
    ],
)
def test_bound_credentials(given: AccountOptions, tmp_path: Path) -> None:
    """Credentials that were given for one endpoint are refused for another, by every spelling of it."""
    with pytest.raises(CredentialsError, match="are for http://127") as caught:
        found(replace(given, credentials_file=line(tmp_path)), tmp_path)
    assert_kept(all_of(caught.value))
    assert (
        found(AccountOptions(endpoint=LOCAL + "/", credentials_file=line(tmp_path)), tmp_path).endpoint
        == LOCAL
    )


@pytest.mark.parametrize(
    "changes", [{"endpoint": "https://evil.example"}, {"iam_endpoint": "https://evil.example"}]
)
def test_a_line_is_no_way_around_the_list(changes: dict[str, str], tmp_path: Path) -> None:
    """An endpoint in a file is checked like one in an option."""
    with pytest.raises(UsageError, match="is not known as"):
        found(AccountOptions(credentials_file=line(tmp_path, **changes)), tmp_path)


def test_a_secret_that_is_sent_back_is_masked() -> None:
    """A server that repeats the token or the secret key in its answer gets it into no message."""
    when = datetime(2026, 1, 1, tzinfo=UTC)
    body = json.dumps({"error_code": "DLI.0001", "error_msg": f"bad {SECRET} or {OTHER}"}).encode()
    for credentials in (Token(OTHER), Keys("AK", SECRET, OTHER)):
        account = account_of(credentials, LOCAL, "p", lambda: when)
        result = account.send(lambda _: Answer(400, {}, body, True), Call("GET", LOCAL + "/x", {}))
        assert isinstance(result, Answer)
        assert OTHER.encode() not in result.body
        assert isinstance(credentials, Token) or SECRET.encode() not in result.body
        assert json.loads(result.body)["error_code"] == "DLI.0001"
        assert_kept(repr(account) + repr(account.authorize(Call("GET", LOCAL + "/x", {}))))


def test_home_file_and_loopback(tmp_path: Path) -> None:
    """The keys of the home folder go to the cloud only; those of variables not in clear."""
    (tmp_path / ".huaweicloud").mkdir()
    profile = tmp_path / ".huaweicloud" / "credentials"
    profile.write_text(f"[basic]\nak = AK\nsk = {SECRET}\nproject_id = p\n")
    assert found(AccountOptions(region="cn-north-4"), tmp_path).project_id == "p"
    with pytest.raises(CredentialsError) as caught:
        found(AccountOptions(endpoint=LOCAL), tmp_path)
    assert_kept(all_of(caught.value))
    with pytest.raises(CredentialsError, match="not sent in clear"):
        found(AccountOptions(endpoint=LOCAL), tmp_path, **KEYS)
    given = AccountOptions(endpoint="https://127.0.0.1:8443")
    assert found(given, tmp_path, **KEYS).credentials == Keys("AK", SECRET)
    assert found(AccountOptions(endpoint=LOCAL, credentials_file=str(profile)), tmp_path).credentials == Keys(
        "AK", SECRET
    )


# -- the way there


PROXY = "http://proxy.example:3128"
PRIVATE = f"http://user:{OTHER[:9]}@proxy.example:3128"


@pytest.mark.parametrize(
    ("environ", "proxied"),
    [
        ({}, False),
        ({"HTTPS_PROXY": PROXY}, True),
        ({"https_proxy": PROXY, "HTTPS_PROXY": "http://other.example"}, True),
        ({"ALL_PROXY": "proxy.example:3128"}, True),
        ({"all_proxy": PROXY}, True),
        ({"HTTP_PROXY": PROXY}, False),
        ({"HTTPS_PROXY": ""}, False),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}, False),
        ({"HTTPS_PROXY": PROXY, "no_proxy": "example.com, myhuaweicloud.com"}, False),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": ".MyHuaweiCloud.com"}, False),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "*.myhuaweicloud.com"}, False),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "dli.cn-north-4.myhuaweicloud.com:443"}, False),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "dli.cn-north-4.myhuaweicloud.com:80"}, True),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "huaweicloud.com,north-4.myhuaweicloud.com,., ,:443"}, True),
    ],
)
def test_proxies(environ: dict[str, str], proxied: bool) -> None:
    """The usual names of the environment, as curl reads them; this machine is reached without a proxy."""
    network = network_settings([CLOUD, LOCAL], environ=environ)
    assert network.verify is True
    assert select_proxy(CLOUD + "/v2.0/p", dict(network.proxies)) == (PROXY if proxied else None)
    assert select_proxy(LOCAL + "/v2.0/p", dict(network.proxies)) is None


def test_proxy_by_option() -> None:
    """The option goes before the environment and its exceptions; a password belongs into the environment."""
    network = network_settings(
        [CLOUD, IAM], environ={"HTTPS_PROXY": "http://x", "NO_PROXY": "*"}, proxy=PROXY
    )
    assert network.proxies == {CLOUD: PROXY, IAM: PROXY}
    with pytest.raises(UsageError) as caught:
        network_settings([CLOUD], environ={}, proxy=f"http://user:{SECRET}@proxy.example")
    assert_kept(all_of(caught.value) + caught.value.hint)
    assert network_settings([CLOUD], environ={"HTTPS_PROXY": PRIVATE}).proxies == {CLOUD: PRIVATE}


@pytest.mark.parametrize(
    "url",
    [
        "socks5://h",
        "ftp://h",
        "http://",
        "http://h:x",
        "http://h:99999",
        "http://h:0",
        "http://h h",
        "http://[",
        "http://é",
    ],
)
def test_no_proxies(url: str) -> None:
    """What is no proxy is told by its variable, not by its value."""
    with pytest.raises(UsageError) as caught:
        network_settings([CLOUD], environ={"HTTPS_PROXY": url.replace("//", f"//u:{quoted()}@")})
    assert "HTTPS_PROXY" in str(caught.value)
    assert_kept(all_of(caught.value) + caught.value.hint)


def quoted() -> str:
    """A canary as it stands in a URL."""
    return "".join(f"%{byte:02X}" for byte in SECRET.encode())


def test_authorities(tmp_path: Path) -> None:
    """The option, then the environment's names in order; a file without certificates is refused."""
    paths = []
    for name in "abcde":
        trustme.CA().cert_pem.write_to_path(str(tmp_path / name))
        paths.append(str(tmp_path / name))
    names = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "OS_CACERT")
    environ = dict(zip(names, paths, strict=False))
    assert network_settings([LOCAL], environ=environ, ca_bundle=paths[4]).verify == paths[4]
    for name, path in zip(names, paths, strict=False):
        assert network_settings([LOCAL], environ=environ).verify == path
        environ[name] = ""
    assert network_settings([LOCAL], environ=environ).verify is True
    assert network_settings([LOCAL], environ={}, ca_bundle=str(tmp_path)).verify == str(tmp_path)
    (tmp_path / "bad").write_text("no certificate")
    for bad in ("bad", "absent", "a\x00b"):
        with pytest.raises(UsageError, match="CURL_CA_BUNDLE has no certificates"):
            network_settings([LOCAL], environ={"CURL_CA_BUNDLE": str(tmp_path / bad)})


# -- the options


def parsed(*arguments: str) -> argparse.Namespace:
    """The options of a command that has the group."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    add_account(parser)
    return parser.parse_args(arguments)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment with a home folder and nothing else."""
    monkeypatch.setattr("os.environ", {"HOME": str(tmp_path)})
    monkeypatch.setenv("HOME", str(tmp_path))
    return monkeypatch


def test_options(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every option comes to where it belongs."""
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    (tmp_path / "token").write_text(OTHER)
    options = parsed(
        *(
            "--endpoint",
            STRANGE,
            "--allow-endpoint",
            "dli.strange.example",
            "--iam-endpoint",
            "https://iam.b.example",
        ),
        *("--allow-endpoint", "iam.b.example", "--region", "cn-north-4", "--project-id", "p"),
        *("--token-file", str(tmp_path / "token"), "--proxy", PROXY, "--ca-bundle", str(tmp_path / "ca.pem")),
    )
    target = target_of(options)
    assert target.warnings
    assert replace(target, warnings=()) == Target(
        STRANGE, Token(OTHER), "https://iam.b.example", "cn-north-4", "p"
    )
    network = network_of(options, target)
    assert network.proxies == {STRANGE: PROXY, "https://iam.b.example": PROXY}
    assert network.verify == str(tmp_path / "ca.pem")


def test_token_of_a_pipe(bare: pytest.MonkeyPatch) -> None:
    """`--token-stdin` reads standard input, unless that is a terminal or closed."""
    options = parsed("--token-stdin", "--region", "cn-north-4")
    bare.setattr(sys, "stdin", io.StringIO(OTHER + "\n"))
    assert target_of(options).credentials == Token(OTHER)
    typed = io.StringIO(OTHER)
    typed.isatty = lambda: True  # type: ignore[method-assign]
    for stream in (typed, None):
        bare.setattr(sys, "stdin", stream)
        with pytest.raises(UsageError, match="terminal or closed"):
            target_of(options)


def test_one_source_at_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    """Two options for credentials contradict each other."""
    with pytest.raises(SystemExit):
        parsed("--token-stdin", "--token-file", "x")
    assert "not allowed with" in capsys.readouterr().err


def test_no_option_takes_a_secret() -> None:
    """What options take as a value is public: ids, addresses and names of files."""
    parser = argparse.ArgumentParser()
    add_account(parser)
    taking: dict[str, Any] = {a.dest: a.metavar for a in parser._actions if a.nargs != 0}
    assert set(taking.values()) == {"ID", "URL", "HOST", "FILE"}
    assert {dest for dest, metavar in taking.items() if metavar == "FILE"} == {
        "credentials",
        "token_file",
        "ca_bundle",
    }


def test_options_load_nothing(tmp_path: Path) -> None:
    """The group is there for `--help` without the packages that sending needs."""
    code = (
        "import sys, argparse\n"
        "from importer.cli.groups.account import add_account\n"
        "add_account(argparse.ArgumentParser())\n"
        "heavy = {'requests', 'ssl', 'urllib3', 'pydantic', 'importer.calling.account'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)\n"
    )
    assert run_process([sys.executable, "-c", code], tmp_path, env={"PYTHONPATH": str(ROOT)}).err == ""


def test_missing_home(bare: pytest.MonkeyPatch) -> None:
    """Without a home folder there is no file in it."""
    bare.setenv("HOME", "/nonexistent")
    with pytest.raises(ImporterError, match="no credentials are given"):
        target_of(parsed("--region", "cn-north-4"))
