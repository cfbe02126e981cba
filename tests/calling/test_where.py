"""The project that is sent to is the one that was named, and the home folder is the user's own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from accounts import account_of
from command import GOOD, Outcome, dli_hosts
from secrets_kept import SECRET

from importer.calling.account import AccountOptions, Target, find_target, open_account
from importer.calling.calls import Answer, Call
from importer.errors import UsageError
from importer.sandbox.serve import Running, start
from importer.system import home_folder

REGION = AccountOptions(region="cn-north-4")
SDK_KEYS = {"HUAWEICLOUD_SDK_AK": "AK", "HUAWEICLOUD_SDK_SK": SECRET}
HW_KEYS = {"HW_ACCESS_KEY": "AK", "HW_SECRET_KEY": SECRET}
OS_KEYS = {"OS_ACCESS_KEY": "AK", "OS_SECRET_KEY": SECRET}
FILE = {"HUAWEICLOUD_SDK_CREDENTIALS_FILE": "profile"}


def found(environ: dict[str, str], folder: Path, given: AccountOptions = REGION) -> Target:
    """What comes of an environment; `profile` is a file of credentials."""
    path = folder / "profile"
    path.write_text(f"[basic]\nak = AK\nsk = {SECRET}\n")
    path.chmod(0o600)
    named = {n: str(path) if v == "profile" else v for n, v in environ.items()}
    return find_target(given, environ=named, home=None)


@pytest.mark.parametrize(
    ("environ", "project"),
    [
        (HW_KEYS | {"HW_PROJECT_NAME": "cn-north-4_mine"}, ("", "cn-north-4_mine")),
        (OS_KEYS | {"OS_PROJECT_NAME": "mine"}, ("", "mine")),
        (HW_KEYS | {"HW_PROJECT_NAME": "mine", "HW_PROJECT_ID": "id"}, ("id", "")),
        (HW_KEYS | {"HW_PROJECT_NAME": "mine", "OS_PROJECT_NAME": "other"}, ("", "mine")),
        ({"HW_AUTH_TOKEN": "T", "HW_PROJECT_NAME": "mine"}, ("", "mine")),
        (FILE | {"HUAWEICLOUD_SDK_PROJECT_ID": "id"}, ("id", "")),
        (SDK_KEYS | {"HUAWEICLOUD_SDK_PROJECT_ID": "id", "HW_PROJECT_NAME": "x"}, ("id", "")),
        (HW_KEYS, ("", "")),
    ],
)
def test_the_project_of_the_same_family(
    environ: dict[str, str], project: tuple[str, str], tmp_path: Path
) -> None:
    """Id, or name, of the variables that the credentials belong to."""
    target = found(environ, tmp_path)
    assert (target.project_id, target.project_name) == project


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        (HW_KEYS | {"HUAWEICLOUD_SDK_PROJECT_ID": "sdk"}, "HUAWEICLOUD_SDK_PROJECT_ID"),
        (HW_KEYS | {"OS_PROJECT_NAME": "mine"}, "OS_PROJECT_NAME"),
        (HW_KEYS | {"OS_TENANT_NAME": "mine"}, "OS_TENANT_NAME"),
        (OS_KEYS | {"OS_TENANT_ID": "mine"}, "OS_TENANT_ID"),
        (OS_KEYS | {"HW_PROJECT_ID": "mine"}, "HW_PROJECT_ID"),
        (SDK_KEYS | {"HW_PROJECT_NAME": "mine"}, "HW_PROJECT_NAME"),
        (FILE | {"HW_PROJECT_ID": "mine"}, "HW_PROJECT_ID"),
        (HW_KEYS | {"HW_ASSUME_ROLE_AGENCY_NAME": "a"}, "HW_ASSUME_ROLE_AGENCY_NAME"),
        (HW_KEYS | {"HW_PROJECT_ID": "id", "HW_ASSUME_ROLE_DOMAIN_NAME": "a"}, "HW_ASSUME_ROLE_DOMAIN_NAME"),
    ],
)
def test_a_project_that_is_not_used_stops(environ: dict[str, str], name: str, tmp_path: Path) -> None:
    """A variable that says where, and is not used, is not passed over; an option settles it."""
    with pytest.raises(UsageError, match=name) as caught:
        found(environ, tmp_path)
    assert SECRET not in str(caught.value) + caught.value.hint
    if "ASSUME" not in name:
        given = AccountOptions(region="cn-north-4", project_id="given")
        assert found(environ, tmp_path, given).project_id == "given"


def test_the_region_of_the_same_family(tmp_path: Path) -> None:
    """The region beside the credentials goes before another family's."""
    environ = OS_KEYS | {"OS_REGION_NAME": "cn-north-1", "HW_REGION_NAME": "cn-north-4"}
    assert found(environ, tmp_path, AccountOptions()).region == "cn-north-1"


def test_a_name_is_looked_up(tmp_path: Path) -> None:
    """IAM is asked for the project's name, not for that of the region."""
    asked = []

    def send(call: Call) -> Answer:
        asked.append(parse_qs(urlsplit(call.url).query)["name"])
        return Answer(200, {}, b'{"projects": [{"id": "the-id"}]}', True)

    target = found(HW_KEYS | {"HW_PROJECT_NAME": "cn-north-4_mine"}, tmp_path)
    assert open_account(target, send=send, now=lambda: datetime.now(UTC)).project_id == "the-id"
    assert asked == [["cn-north-4_mine"]]


# -- home


def submits(sandbox: Running, folder: Path, home: dict[str, str], *arguments: str) -> Outcome:
    """Submit a good list by the credentials of the environment."""
    (folder / "good.hosts").write_bytes(GOOD)
    account = {
        **account_of(sandbox),
        "XDG_STATE_HOME": "",
    }
    command = ("submit", "good.hosts", "--name", "mrs", "--vpc", "V", "--subnet", "S")
    return dli_hosts(*command, "--endpoint", sandbox.endpoint, *arguments, cwd=folder, env=account | home)


@pytest.mark.parametrize("home", [{"HOME": ""}, {"HOME": "relative"}, {"HOME": "~"}])
def test_no_home(home: dict[str, str], tmp_path: Path) -> None:
    """Without a home folder no journal is begun anywhere: where to keep it has to be said."""
    with start() as sandbox:
        done = submits(sandbox, tmp_path, home)
        assert done.status == 2
        assert "internal" not in done.err
        assert "--journal FILE" in done.err
        assert sorted(path.name for path in tmp_path.iterdir()) == ["good.hosts"]
        for more in (("--journal", "j"), ()):
            state = {} if more else {"XDG_STATE_HOME": str(tmp_path / "state")}
            assert submits(sandbox, tmp_path, home | state, *more).status == 0


@pytest.mark.parametrize("home", ["", "~", "relative", "."])
def test_a_foreign_folder_is_not_the_home(home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`./~/.huaweicloud/credentials` of a checkout is not taken for the user's own file."""
    monkeypatch.setenv("HOME", home)
    monkeypatch.chdir(tmp_path)
    assert home_folder() is None


def test_a_user_without_an_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container runs under any number: without HOME there is no home folder."""
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", _unknown)
    assert home_folder() is None
    monkeypatch.setenv("HOME", str(tmp_path))
    assert home_folder() == tmp_path


def _unknown(number: int) -> None:
    raise KeyError(number)
