"""Credentials are found in one order, families are never mixed, and no value of theirs is ever shown."""

from __future__ import annotations

import base64
import io
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from profiles import examples
from secrets_kept import CANARIES, OTHER, SECRET, all_of, assert_kept, forms

from importer.calling.credentials import (
    Found,
    Keys,
    Password,
    Token,
    find_credentials,
    given_credentials,
)
from importer.errors import CredentialsError

ORDER = [
    ("Keys", "HUAWEICLOUD_SDK_AK HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_SECURITY_TOKEN"),
    ("file", "HUAWEICLOUD_SDK_CREDENTIALS_FILE", ""),
    ("Token", "HW_AUTH_TOKEN", ""),
    ("Keys", "HW_ACCESS_KEY HW_SECRET_KEY", "HW_SECURITY_TOKEN"),
    ("Password", "HW_USER_NAME HW_USER_PASSWORD", "HW_DOMAIN_NAME"),
    ("Token", "OS_AUTH_TOKEN", ""),
    ("Keys", "OS_ACCESS_KEY OS_SECRET_KEY", ""),
    ("Password", "OS_USERNAME OS_PASSWORD", "OS_USER_DOMAIN_NAME"),
]
"""What is looked for, one after the other: kind, variables that say it is there, a further one."""
PROJECTS = {"HUAWEICLOUD_SDK": "HUAWEICLOUD_SDK_PROJECT_ID", "HW": "HW_PROJECT_ID", "OS": "OS_PROJECT_ID"}
VARIABLES = sorted({name for _, needed, more in ORDER for name in (*needed.split(), *more.split())})
PROFILE = "[basic]\nak = AKPROFILE\nsk = sk%profile\nproject_id = profileproject\n"


def file_of(folder: Path, text: str | bytes, mode: int = 0o600) -> str:
    """A file with this text and mode."""
    path = folder / "file"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
    return str(path)


def of_file(path: str) -> Found:
    """What `--credentials` finds."""
    found = given_credentials(credentials_file=path, token_file="", token_stdin=None)
    assert found is not None
    return found


def of_token_file(path: str) -> Found:
    """What `--token-file` finds."""
    found = given_credentials(credentials_file="", token_file=path, token_stdin=None)
    assert found is not None
    return found


# -- the order


def plainly(environ: dict[str, str], *, loopback: bool) -> tuple[str, ...]:
    """The kind and the values that `ORDER` promises; or an error and the variables it names."""
    for kind, needed, more in ORDER:
        names = [*needed.split(), *more.split()]
        asking = names if kind == "Keys" else needed.split()
        if not any(environ.get(name) for name in asking):
            continue
        if kind == "file":
            return ("Keys", "AKPROFILE", "sk%profile", "", "profileproject")
        must = names if kind == "Password" else needed.split()
        missing = [name for name in must if not environ.get(name)]
        if missing:
            return ("missing", *missing)
        project = next(name for prefix, name in PROJECTS.items() if names[0].startswith(prefix + "_"))
        values = [environ.get(name, "") for name in names]
        if kind == "Keys" and len(values) == 2:
            values.append("")
        return (kind, *values, environ.get(project, ""))
    return ("nothing",) if loopback else ("Keys", "AKPROFILE", "sk%profile", "", "profileproject")


def really(environ: dict[str, str], home: Path, *, loopback: bool) -> tuple[str, ...]:
    """The same from the program."""
    try:
        found = find_credentials(environ, home, loopback=loopback)
    except CredentialsError as error:
        if "no credentials are given" in error.message:
            return ("nothing",)
        missing = [name for name in VARIABLES if name in error.hint.partition(",")[0].split()]
        return ("missing", *sorted(missing, key=error.hint.index))
    credentials = found.credentials
    values = [str(getattr(credentials, name)) for name in type(credentials).__slots__]
    return (type(credentials).__name__, *values, found.project_id)


names = st.sampled_from([*VARIABLES, *PROJECTS.values()])
environments = st.one_of(
    st.dictionaries(names, st.booleans(), max_size=4),
    st.dictionaries(names, st.booleans(), max_size=len(VARIABLES)),
    st.lists(
        st.sampled_from([(*needed.split(), *more.split()) for _, needed, more in ORDER]), max_size=3
    ).map(lambda groups: {name: True for group in groups for name in group}),
)


@given(chosen=environments, loopback=st.booleans())
@example({"HUAWEICLOUD_SDK_AK": True, "HW_SECRET_KEY": True}, True)
@example({"HW_USER_NAME": True, "HW_ACCESS_KEY": True, "HW_SECRET_KEY": True}, False)
@example({"HW_DOMAIN_NAME": True}, False)
@example({}, True)
@examples(10)
def test_order(tmp_path_factory: pytest.TempPathFactory, chosen: dict[str, bool], loopback: bool) -> None:
    """Over generated environments the program finds what a plain reading of the order finds."""
    home = tmp_path_factory.getbasetemp() / "home"
    (home / ".huaweicloud").mkdir(parents=True, exist_ok=True)
    profile = home / ".huaweicloud" / "credentials"
    profile.write_text(PROFILE)
    environ = {name: f"value-of-{name}" if filled else "" for name, filled in chosen.items()}
    if environ.get("HUAWEICLOUD_SDK_CREDENTIALS_FILE"):
        environ["HUAWEICLOUD_SDK_CREDENTIALS_FILE"] = str(profile)
    assert really(environ, home, loopback=loopback) == plainly(environ, loopback=loopback)


def test_nothing_is_found(tmp_path: Path) -> None:
    """The error tells every place where credentials were sought."""
    with pytest.raises(CredentialsError) as caught:
        find_credentials({"PATH": "x"}, tmp_path, loopback=False)
    for word in ("HUAWEICLOUD_SDK_AK", "HW_ACCESS_KEY", "OS_SECRET_KEY", "HW_AUTH_TOKEN", ".huaweicloud"):
        assert word in str(caught.value)
    assert "--credentials FILE" in caught.value.hint


def test_home_file_is_for_the_cloud(tmp_path: Path) -> None:
    """A server on this machine is not given the keys of the home folder, and the error says so."""
    (tmp_path / ".huaweicloud").mkdir()
    (tmp_path / ".huaweicloud" / "credentials").write_text(PROFILE)
    assert find_credentials({}, tmp_path, loopback=False).credentials == Keys("AKPROFILE", "sk%profile")
    with pytest.raises(CredentialsError) as caught:
        find_credentials({}, tmp_path, loopback=True)
    assert ".huaweicloud" not in str(caught.value)
    assert "not for a server on this machine" in caught.value.hint


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        ({"HUAWEICLOUD_SDK_AK": SECRET}, "HUAWEICLOUD_SDK_SK"),
        ({"HUAWEICLOUD_SDK_SK": SECRET}, "HUAWEICLOUD_SDK_AK"),
        ({"HW_SECRET_KEY": SECRET, "OS_ACCESS_KEY": "AK"}, "HW_ACCESS_KEY"),
        ({"HW_SECURITY_TOKEN": SECRET}, "HW_ACCESS_KEY and HW_SECRET_KEY"),
        ({"OS_PASSWORD": SECRET, "OS_USERNAME": "u"}, "OS_USER_DOMAIN_NAME"),
    ],
)
def test_half_a_pair(environ: dict[str, str], missing: str, tmp_path: Path) -> None:
    """What lacks is named, what is there is not shown, and no other family fills the gap."""
    with pytest.raises(CredentialsError) as caught:
        find_credentials(environ, tmp_path, loopback=True)
    assert f"{missing} " in str(caught.value)
    assert_kept(all_of(caught.value) + caught.value.hint)


# -- options


@pytest.mark.parametrize("text", [OTHER, f" {OTHER}\t\r\n", f"{OTHER}\nmore\n", f"\ufeff{OTHER}\n"])
def test_token_file(text: str, tmp_path: Path) -> None:
    """The token is the first line, without blanks around it."""
    found = of_token_file(file_of(tmp_path, text))
    assert found.credentials == Token(OTHER)
    assert found.warnings == ()


def test_token_on_standard_input() -> None:
    """One line is read of it, and no more."""
    stream = io.StringIO(f"{OTHER}\nmore\n")
    found = given_credentials(credentials_file="", token_file="", token_stdin=stream)
    assert found is not None
    assert found.credentials == Token(OTHER)
    assert stream.read() == "more\n"


def test_no_option() -> None:
    """Without options nothing is given."""
    assert given_credentials(credentials_file="", token_file="", token_stdin=None) is None


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True)])
def test_open_files_are_told(mode: int, warned: bool, tmp_path: Path) -> None:
    """A file that others can read is used, with a warning that names it."""
    for text, read in ((OTHER, of_token_file), (PROFILE, of_file)):
        (tmp_path / "file").unlink(missing_ok=True)
        found = read(file_of(tmp_path, text, mode))
        assert [("chmod 600" in warning) for warning in found.warnings] == [True] * warned
        assert_kept("".join(found.warnings))


def test_profile(tmp_path: Path) -> None:
    """All of `[basic]` that means something here is taken, a % as it is."""
    text = (
        f"[global]\nak=no\nsk=no\n[basic]\nak = AK\nsk = {SECRET}\nsecurity_token: {OTHER}\nproject_id = p\n"
    )
    found = of_file(file_of(tmp_path, text + "iam_endpoint = https://iam.example\nidp_id = x\n"))
    assert found.credentials == Keys("AK", SECRET, OTHER)
    assert (found.project_id, found.endpoint, found.iam_endpoint) == ("p", "", "https://iam.example")


LINE = {
    "endpoint": "http://127.0.0.1:8000",
    "iam_endpoint": "http://127.0.0.1:8000",
    "project_id": "p",
    "access_key": "AK",
    "secret_key": SECRET,
    "token": OTHER,
}


def test_line_of_a_sandbox(tmp_path: Path) -> None:
    """The line gives keys, the project, and the only endpoint they are for."""
    found = of_file(file_of(tmp_path, json.dumps(LINE) + "\n"))
    assert found.credentials == Keys("AK", SECRET)
    assert (found.project_id, found.endpoint, found.iam_endpoint) == (
        "p",
        LINE["endpoint"],
        LINE["iam_endpoint"],
    )


BROKEN = {
    "empty": "",
    "no section": f"ak = AK\nsk = {SECRET}\n",
    "other section": f"[global]\nak = AK\nsk = {SECRET}\n",
    "no sk": f"[basic]\nak = {SECRET}\n",
    "no ak": f"[basic]\nsk = {SECRET}\n",
    "empty ak": f"[basic]\nak =\nsk = {SECRET}\n",
    "twice": f"[basic]\nak = AK\nsk = {SECRET}\nsk = {OTHER}\n",
    "no equals": f"[basic]\nak = AK\n{SECRET}\n",
    "two lines": f"[basic]\nak = AK\nsk = {SECRET}\n  {OTHER}\n",
    "blank inside": f"[basic]\nak = AK\nsk = {SECRET} {OTHER}\n",
    "beyond ASCII": f"[basic]\nak = AK\nsk = {SECRET}é\n",
    "control": f"[basic]\nak = AK\nsk = {SECRET}\x1bx\n",
    "too long": f"[basic]\nak = AK\nsk = {SECRET * 3000}\n",
    "too large": f"# {SECRET}\n" * 5000,
    "not UTF-8": b"[basic]\nak = \xff" + SECRET.encode(),
    "JSON cut off": json.dumps(LINE)[:-3],
    "JSON list": "{" + f'"a": ["{SECRET}"]' + "}",
    "JSON deep": "{" + '"a":' * 1 + "[" * 60_000,
    "JSON without keys": json.dumps({**LINE, "access_key": None}),
    "JSON without endpoint": json.dumps({**LINE, "endpoint": ""}),
    "JSON line end": json.dumps({**LINE, "secret_key": SECRET + "\n"}),
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_broken_files(text: str | bytes, tmp_path: Path) -> None:
    """Each is one clear error that names the file; no exception behind it carries a secret either."""
    path = file_of(tmp_path, text)
    with pytest.raises(CredentialsError) as caught:
        of_file(path)
    assert path in str(caught.value)
    assert caught.value.hint
    assert_kept(all_of(caught.value))


@pytest.mark.parametrize(
    "text", [b"", b"\n", b"a b", b"\xff", b"\x00", "é".encode(), b"x" * 70_000, b"\x1b[2J"]
)
def test_broken_token_files(text: bytes, tmp_path: Path) -> None:
    """Nothing that cannot stand in a header is taken for a token."""
    with pytest.raises(CredentialsError):
        of_token_file(file_of(tmp_path, text))


@pytest.mark.parametrize("text", ["", "\n", "a b\n", "\udcff", OTHER + "\x00\n", "x" * 70_000])
def test_broken_standard_input(text: str) -> None:
    """The same on standard input, of which a bounded part is read."""
    with pytest.raises(CredentialsError) as caught:
        given_credentials(credentials_file="", token_file="", token_stdin=io.StringIO(text))
    assert "standard input" in str(caught.value)
    assert_kept(all_of(caught.value))


@pytest.mark.parametrize("name", ["absent", ".", "a\x00b", "absent/\x1b[2J"])
@pytest.mark.parametrize("read", [of_file, of_token_file])
def test_unreadable_files(name: str, read: Callable[[str], Found], tmp_path: Path) -> None:
    """A path that cannot be read is an error that shows it, made visible."""
    with pytest.raises(CredentialsError) as caught:
        read(str(tmp_path / name))
    assert str(tmp_path) in str(caught.value)
    assert str(caught.value).isprintable()


# -- canaries


@pytest.mark.parametrize("bad", ["\n", "\r", "\x00", "\x1b", " ", "é", "\u202e", "\udcff"])
@pytest.mark.parametrize(
    "name", ["HUAWEICLOUD_SDK_SK", "HW_AUTH_TOKEN", "HW_SECURITY_TOKEN", "OS_ACCESS_KEY", "OS_AUTH_TOKEN"]
)
def test_bad_characters(name: str, bad: str, tmp_path: Path) -> None:
    """A secret that cannot be sent is told by its variable, not by its value."""
    families = {
        "HUAWEICLOUD_SDK_AK": "AK",
        "HW_ACCESS_KEY": "AK",
        "HW_SECRET_KEY": SECRET,
        "OS_SECRET_KEY": SECRET,
    }
    prefix = name.split("_")[0]
    environ = {n: value for n, value in families.items() if n.startswith(prefix)} | {name: OTHER + bad}
    with pytest.raises(CredentialsError) as caught:
        find_credentials(environ, tmp_path, loopback=True)
    assert name in str(caught.value)
    assert_kept(all_of(caught.value) + caught.value.hint)


def test_password_may_have_blanks(tmp_path: Path) -> None:
    """A password goes into a body, so blanks and all letters are fine; control characters are not."""
    environ = {"HW_USER_NAME": "用户", "HW_USER_PASSWORD": "a b é", "HW_DOMAIN_NAME": "账号"}
    assert find_credentials(environ, tmp_path, loopback=True).credentials == Password("用户", "a b é", "账号")
    with pytest.raises(CredentialsError) as caught:
        find_credentials(environ | {"HW_USER_PASSWORD": SECRET + "\r"}, tmp_path, loopback=True)
    assert "HW_USER_PASSWORD" in str(caught.value)
    assert_kept(all_of(caught.value))


@pytest.mark.parametrize(
    "value",
    [
        Keys("AKEXAMPLE", SECRET, OTHER),
        Token(SECRET),
        Password("user", SECRET, OTHER),
        Found(Keys("AKEXAMPLE", SECRET, OTHER), "somewhere"),
        Found(Password("user", SECRET, "domain"), "somewhere", "p"),
    ],
)
def test_values_hide_their_secrets(value: object) -> None:
    """However a value is shown, its secrets are not; it cannot be changed."""
    for text in (
        repr(value),
        str(value),
        f"{value}",
        f"{value!a}",
        f"{[value]}",
        repr([value]),
        repr({1: value}),
    ):
        assert_kept(text)
        assert "EXAMPLE" not in text
    with pytest.raises(AttributeError):
        setattr(value, next(iter(type(value).__annotations__)), None)
    with pytest.raises(ValueError, match="boom") as caught:
        raise ValueError("boom", value)
    assert_kept(all_of(caught.value))


def test_values_are_values() -> None:
    """Equal when alike, and the same after a journey to another process."""
    keys = Keys("AK", SECRET)
    assert keys == Keys("AK", SECRET, "")
    assert keys != Keys("AK", OTHER)
    assert pickle.loads(pickle.dumps(keys)) == keys


def test_the_search_finds() -> None:
    """The search for canaries finds each form it is there to find."""
    for secret in CANARIES:
        for text in (secret, secret.encode().hex(), json.dumps({"a": secret}), *forms(secret)):
            with pytest.raises(AssertionError):
                assert_kept(f"x{text}y")
        for before in (b"", b"a", b"ab"):
            with pytest.raises(AssertionError):
                assert_kept(base64.b64encode(before + secret.encode() + b"zz").decode())
