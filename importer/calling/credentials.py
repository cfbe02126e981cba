"""What proves who we are, and where it is found: options, environment, `~/.huaweicloud/credentials`.

No option takes a secret as its value, since command lines are public on most systems. Names, file and
format are those of the official SDK (HUAWEICLOUD_SDK_*, its profile file), of the Terraform provider
(HW_*) and of OpenStack clients (OS_*). Texts of errors name variables and files, and never a value.
"""

from __future__ import annotations

import configparser
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

from importer.calling.families import FAMILIES, HW, OS, SDK, Family
from importer.errors import CredentialsError
from importer.language import said
from importer.shown import shown
from importer.system import note_read

_MAX_FILE = 1 << 16
"""Bytes; tokens of the service have some thousand characters."""
_MAX_SECRET = 1 << 15
CREDENTIALS_VARIABLE = "HUAWEICLOUD_SDK_CREDENTIALS_FILE"
CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "OS_CACERT")
"""Each may name a file or a folder of certificates; the first one that is set counts."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Access key and secret key; temporary ones have a security token too."""

    access_key: str
    secret_key: str
    security_token: str = ""

    def __repr__(self) -> str:
        """The first characters of the access key, enough to tell keys apart."""
        return f"Keys({self.access_key[:4]}***)"


@dataclass(frozen=True, slots=True)
class Token:
    """A token of IAM, valid for 24 hours."""

    value: str

    def __repr__(self) -> str:
        """Nothing of it."""
        return "Token(***)"


@dataclass(frozen=True, slots=True)
class Password:
    """An IAM user's password, for which IAM gives a token."""

    user: str
    password: str
    domain: str
    """Name of the account that the user belongs to."""

    def __repr__(self) -> str:
        """Nothing of it."""
        return "Password(***)"


Credentials = Keys | Token | Password


@dataclass(frozen=True)
class Found:
    """Credentials, and what stood beside them; what did not is empty."""

    credentials: Credentials
    origin: str
    """Where they come from, in words."""
    project_id: str = ""
    endpoint: str = ""
    """The only server these may be sent to, as written."""
    iam_endpoint: str = ""
    warnings: tuple[str, ...] = ()
    family: Family | None = None
    """The variables that belong to these credentials; None where an option named them."""


def given_credentials(*, credentials_file: str, token_file: str, token_stdin: TextIO | None) -> Found | None:
    """What options say; None without any. Raises CredentialsError."""
    if credentials_file:
        return _of_file(credentials_file)
    if token_file:
        text, warnings = _read_file(token_file)
        token = _token(text.partition("\n")[0], _path(token_file))
        return Found(token, _path(token_file), warnings=warnings)
    if token_stdin is not None:
        return Found(_token(token_stdin.readline(_MAX_FILE), "standard input"), "standard input")
    return None


def _token(line: str, origin: str) -> Token:
    token = line.strip(" \t\r\n")
    if not token:
        raise CredentialsError(
            said("{origin} has no token in its first line", origin=origin), hint="write the token there"
        )
    return Token(_plain(token, said("the token in {origin}", origin=origin)))


def find_credentials(environ: Mapping[str, str], home: Path | None, *, loopback: bool) -> Found:
    """The first of the environment's families that has credentials, then the home folder's file.

    That file was made for the cloud, so a server on this machine (`loopback`) is not given it. Half a
    pair is an error, not passed over. `home`: None where there is none. Raises CredentialsError.
    """
    for family in FAMILIES:
        found = _of_family(family, environ)
        if found is not None:
            return replace(found, family=family)
        if family is SDK and environ.get(CREDENTIALS_VARIABLE):
            return replace(_of_file(environ[CREDENTIALS_VARIABLE]), family=SDK)
    path = default_file(home)
    if not loopback and path is not None and _is_there(path):
        return replace(_of_file(str(path)), family=SDK)
    places = [said("{keys} and {keys_2}", keys=f.keys[0], keys_2=f.keys[1]) for f in FAMILIES] + [
        HW.token,
        OS.token,
        CREDENTIALS_VARIABLE,
    ]
    places += [] if loopback or path is None else [_path(str(path))]
    raise CredentialsError(
        said("no credentials are given; looked for {places}", places=", ".join(places)),
        hint="set two such variables, or say --credentials FILE, --token-file FILE or --token-stdin"
        + ("; ~/.huaweicloud/credentials is not for a server on this machine" if loopback else ""),
    )


def default_file(home: Path | None) -> Path | None:
    """The file of credentials in a home folder; None where there is no such folder."""
    return home / ".huaweicloud" / "credentials" if home is not None else None


def _is_there(path: Path) -> bool:
    """Whether there is such a file. Raises CredentialsError where that cannot be known."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise CredentialsError(
            said(
                "{path} cannot be read: {strerror}", path=_path(str(path)), strerror=error.strerror or error
            ),
            hint="make it readable for you, or say --credentials FILE, --token-file FILE or --token-stdin",
        ) from None


def _of_family(family: Family, environ: Mapping[str, str]) -> Found | None:
    """Token, then keys, then password; None if the family has none of them."""
    project_id = environ.get(family.project_id, "")
    if environ.get(family.token):
        token = Token(_plain(environ[family.token], family.token))
        return Found(token, family.token, project_id)
    keys = _complete(family.keys, environ, needed=family.keys[:2], starting=family.keys)
    if keys:
        secrets = [_plain(value, name) for name, value in zip(family.keys, keys, strict=True)]
        return Found(Keys(*secrets), family.keys[0], project_id)
    # An account's name alone says nothing: it is often set beside keys of another kind.
    password = _complete(family.password, environ, needed=family.password, starting=family.password[:2])
    if password:
        for name, value in zip(family.password, password, strict=True):
            _printable(value, name)
        return Found(Password(*password), family.password[0], project_id)
    return None


def _complete(
    names: tuple[str, ...], environ: Mapping[str, str], *, needed: tuple[str, ...], starting: tuple[str, ...]
) -> list[str] | None:
    """The values of variables that belong together, None if none of `starting` is set.

    Raises CredentialsError that names those of `needed` that are missing.
    """
    present = [name for name in starting if environ.get(name)]
    missing = [name for name in needed if not environ.get(name)]
    if not present:
        return None
    if missing:
        raise CredentialsError(
            said(
                "{present} is set, {missing} {rest} not",
                present=present[0],
                missing=" and ".join(missing),
                rest="is" if len(missing) == 1 else "are",
            ),
            hint=said(
                "set {missing}, or unset {present}",
                missing=" and ".join(missing),
                present=" and ".join(present),
            ),
        )
    return [environ.get(name, "") for name in names]


def _of_file(path: str) -> Found:
    """Credentials of a profile file, or of the line that `dli-hosts sandbox` prints."""
    text, warnings = _read_file(path)
    reader = _of_line if text.lstrip().startswith("{") else _of_profile
    return reader(text, path, warnings)


def _of_line(text: str, path: str, warnings: tuple[str, ...]) -> Found:
    """One JSON object; its credentials are for its `endpoint` only."""
    data = _attempt(lambda: json.loads(text))
    names = ("endpoint", "iam_endpoint", "project_id", "access_key", "secret_key")
    if not isinstance(data, dict) or not all(isinstance(data.get(n), str) and data[n] for n in names):
        raise CredentialsError(
            said("{path} is not the line that `dli-hosts sandbox` prints", path=_path(path)),
            hint=said("it is one JSON object with the texts {names}", names=", ".join(names)),
        )
    keys = Keys(
        *(_plain(data[name], said("{name} in {path}", name=name, path=_path(path))) for name in names[3:])
    )
    endpoint, iam_endpoint, project_id = (data[name] for name in names[:3])
    return Found(keys, _path(path), project_id, endpoint, iam_endpoint, warnings)


def _of_profile(text: str, path: str, warnings: tuple[str, ...]) -> Found:
    """Section `[basic]` of an INI file: ak, sk, security_token, project_id, iam_endpoint."""
    section = _attempt(lambda: _basic(text))
    if isinstance(section, str):
        raise CredentialsError(
            said("{path} has {section}", path=_path(path), section=section),
            hint="keep one of them: the right one",
        )
    if section is None:
        raise CredentialsError(
            said("{path} is not a credentials file with a section [basic]", path=_path(path)),
            hint="below the line [basic] it has a line `ak = ...` and a line `sk = ...`",
        )
    missing = [name for name in ("ak", "sk") if not section.get(name)]
    if missing:
        raise CredentialsError(
            said("{path} lacks {missing} in [basic]", path=_path(path), missing=" and ".join(missing)),
            hint="it needs both ak and sk",
        )
    names = ("ak", "sk", "security_token")
    keys = Keys(
        *(
            _plain(section.get(name, ""), said("{name} in {path}", name=name, path=_path(path)))
            for name in names
        )
    )
    return Found(
        keys,
        _path(path),
        project_id=section.get("project_id", ""),
        iam_endpoint=section.get("iam_endpoint", ""),
        warnings=warnings,
    )


def _basic(text: str) -> dict[str, str] | str:
    """The section [basic], or what stands in the file twice."""
    parser = configparser.RawConfigParser()  # which leaves a % in a secret alone
    try:
        parser.read_string(text)
    except configparser.DuplicateSectionError as error:
        return "the section [basic] twice" if error.section == "basic" else "a section twice"
    except configparser.DuplicateOptionError as error:
        known = error.option if error.option in ("ak", "sk", "security_token", "project_id") else "a name"
        return said("{known} twice in one section", known=known)
    return dict(parser.items("basic"))


def _attempt(read: Callable[[], object]) -> Any:
    """What a parser makes of a file, None if it cannot. Its errors quote the file, so they end here."""
    try:
        return read()
    except (ValueError, RecursionError, configparser.Error):
        return None


def _read_file(path: str) -> tuple[str, tuple[str, ...]]:
    """The text of a file of secrets, and a warning if others may read it. Raises CredentialsError."""
    fault = ""
    data = b""
    mode = 0
    try:
        with open(path, "rb") as file:
            note_read(file.fileno())
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(_MAX_FILE + 1)
    except (OSError, ValueError) as error:
        fault = said("cannot be read: {error}", error=getattr(error, "strerror", None) or "no such name")
    if len(data) > _MAX_FILE:
        fault = said("is larger than {MAX_FILE:,} bytes", MAX_FILE=_MAX_FILE)
    text = _attempt(lambda: data.decode("utf-8-sig"))
    if text is None:
        fault = "is not UTF-8"
    if fault:
        raise CredentialsError(f"{_path(path)} {fault}", hint="name a file that holds credentials")
    return text, tuple(_warnings(path, mode))


def _warnings(path: str, mode: int) -> Iterator[str]:
    if os.name == "posix" and stat.S_ISREG(mode) and mode & (stat.S_IRGRP | stat.S_IROTH):
        yield said("{path} can be read by other users of this machine: chmod 600", path=_path(path))


def _plain(secret: str, what: str) -> str:
    """A secret that can be sent in a header. Raises CredentialsError, without the value."""
    if len(secret) > 1 and secret[0] == secret[-1] and secret[0] in "'\"":
        raise CredentialsError(
            said("{what} stands in quotation marks", what=what),
            hint="take them off: docker's --env-file and INI files keep them as a part of the value",
        )
    return _checked(
        secret, what, lambda c: "!" <= c <= "~", "a blank, a control character or one beyond ASCII"
    )


def _printable(text: str, what: str) -> str:
    """A name or a password. Raises CredentialsError, without the value."""
    return _checked(text, what, str.isprintable, "a control character")


def _checked(text: str, what: str, fits: Callable[[str], bool], fault: str) -> str:
    if not all(map(fits, text)):
        raise CredentialsError(
            said("{what} holds {fault}", what=what, fault=fault),
            hint="look for a stray line end or quotation mark",
        )
    if len(text) > _MAX_SECRET:
        raise CredentialsError(
            said("{what} is longer than {MAX_SECRET:,} characters", what=what, MAX_SECRET=_MAX_SECRET),
            hint="check its source",
        )
    return text


def _path(path: str) -> str:
    return shown(path, 200)[1:-1]
