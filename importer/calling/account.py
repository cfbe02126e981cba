"""An account to send with: one endpoint, one project, and how to prove who we are there.

In three steps, of which the last one alone may use the network: `find_target` settles from options,
environment and files where to send and with which credentials; `network.network_settings` how to get
there; `open_account` asks IAM for what is still missing, a token for a password or the project's id.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TextIO

from importer.calling import endpoints
from importer.calling.calls import Answer, Call, Failure, Send
from importer.calling.clocks import clock_apart
from importer.calling.credentials import (
    Credentials,
    Found,
    Keys,
    Password,
    Token,
    find_credentials,
    given_credentials,
)
from importer.calling.families import FAMILIES, HW, ROLE, Family
from importer.calling.iam import login, look_up_project
from importer.calling.masking import masking
from importer.calling.renewal import Renewal
from importer.calling.signing import sign
from importer.errors import CredentialsError, UsageError
from importer.language import said

Authorize = Callable[[Call], Call]
Now = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class AccountOptions:
    """What the options of the group `account` say; an empty value means that the option was not given."""

    region: str = ""
    project_id: str = ""
    endpoint: str = ""
    iam_endpoint: str = ""
    allowed: tuple[str, ...] = ()
    credentials_file: str = ""
    token_file: str = ""
    token_stdin: TextIO | None = None


@dataclass(frozen=True)
class Target:
    """Where to send, and with which credentials; all of it checked, nothing of it tried."""

    endpoint: str
    """Origin of DLI."""
    credentials: Credentials
    iam_endpoint: str = ""
    """Origin of IAM; empty where it can be anywhere."""
    region: str = ""
    project_id: str = ""
    """Empty: to be looked up by its name, or the region's."""
    project_name: str = ""
    """Name of the project whose id is to be looked up; empty for the one that is named like the region."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Account:
    """One project at one endpoint."""

    endpoint: str
    project_id: str
    authorize: Authorize = field(repr=False)
    """A call with the headers that prove who sends it: new ones for each attempt, for this endpoint only."""
    mask: Callable[[bytes], bytes] = field(default=bytes, repr=False)
    """A body without the secrets of this account."""
    remark: Callable[[Answer], str] = field(default=lambda answer: "", repr=False)
    """What is to be said of a 401."""
    renewal: Renewal | None = field(default=None, repr=False)
    """Of the token, where a password can get another one."""

    def send(self, send: Send, call: Call) -> Answer | Failure:
        """Make a call in this account's name; a secret that the server sends back is masked."""
        authorized = self.authorize(call)
        result = send(authorized)
        if isinstance(result, Failure):
            return result
        if self.renewal is not None:
            used = authorized.headers["X-Auth-Token"]
            if result.status != 401:
                self.renewal.taken(used)
            elif failure := self.renewal.renew(used, send):
                return failure
        if result.status == 401:
            result = result._replace(remark=result.remark or self.remark(result))
        id_ = result.request_id.encode()
        headers = result.headers if self.mask(id_) == id_ else {}  # it repeats a secret: none of it is used
        return result._replace(body=self.mask(result.body), headers=headers)


def find_target(given: AccountOptions, *, environ: Mapping[str, str], home: Path | None) -> Target:
    """Settle everything that needs no network. Raises UsageError and CredentialsError.

    Options go first, then a credentials file that options name, then the environment. A region is
    taken from any family of variables; a project from the one that has the credentials, for it belongs
    to them: its id, or its name. A variable that names another project, and is not used, is an error.
    """
    found = given_credentials(
        credentials_file=given.credentials_file, token_file=given.token_file, token_stdin=given.token_stdin
    )
    endpoint = _endpoint(given, found, environ)
    loopback = endpoints.is_loopback(endpoint)
    if found is None:
        found = find_credentials(environ, home, loopback=loopback)
        bound = _checked("dli", found.endpoint, given) if found.endpoint else ""
        _refuse_elsewhere(bound, endpoint)
        if endpoint.startswith("http://") and not bound:  # which only a server on this machine has
            raise CredentialsError(
                said(
                    "{origin} is not sent in clear to {endpoint}, where any user may listen",
                    origin=found.origin,
                    endpoint=endpoint,
                ),
                hint="say --credentials FILE (what `dli-hosts sandbox` prints) or --token-file FILE",
            )
    project_id, project_name = _project(given, found, environ)
    return Target(
        endpoint,
        found.credentials,
        _iam_endpoint(given, found, endpoint, environ),
        endpoints.region_of(endpoint) or _region(given, environ),
        endpoints.checked_project_id(project_id) if project_id else "",
        project_name,
        () if loopback else found.warnings,  # keys that open something on this machine only
    )


def _project(given: AccountOptions, found: Found, environ: Mapping[str, str]) -> tuple[str, str]:
    """Id of the project, or else its name; both empty for the region's own. Raises UsageError."""
    own = FAMILIES if found.family is None else (found.family,)
    role = next((name for name in environ if name.startswith(ROLE) and environ[name]), "")
    if role and found.family is HW:
        raise UsageError(
            said("{role} is set, and acting in another account is not supported", role=role),
            hint="unset it, or give the temporary keys of that account",
        )
    if project_id := given.project_id or found.project_id or _first(environ, [f.project_id for f in own]):
        return project_id, ""
    if project_name := _first(environ, [f.project_name for f in own]):
        return "", project_name
    names = [name for f in FAMILIES for name in (f.project_id, f.project_name, *f.unused)]
    unused = next((name for name in names if environ.get(name)), "")
    if unused:
        raise UsageError(
            said(
                "{unused} names a project, and does not belong to the credentials ({origin})",
                unused=unused,
                origin=found.origin,
            ),
            hint="say --project-id ID, or unset it",
        )
    return "", ""


def _first(environ: Mapping[str, str], names: list[str]) -> str:
    return next((environ[name] for name in names if environ.get(name)), "")


def _region(given: AccountOptions, environ: Mapping[str, str]) -> str:
    """The region's id, empty if none is named; the family that has the credentials goes first."""

    def has_credentials(family: Family) -> bool:
        return any(environ.get(name) for name in (family.token, *family.keys, *family.password))

    families = sorted(FAMILIES, key=has_credentials, reverse=True)
    region = given.region or _first(environ, [family.region for family in families])
    return endpoints.checked_region(region) if region else ""


def _endpoint(given: AccountOptions, found: Found | None, environ: Mapping[str, str]) -> str:
    """DLI's origin: of the option, of the credentials that are bound to one, or of the region."""
    bound = _checked("dli", found.endpoint, given) if found and found.endpoint else ""
    if given.endpoint:
        endpoint = _checked("dli", given.endpoint, given)
        _refuse_elsewhere(bound, endpoint)
        named = endpoints.region_of(endpoint)
        if given.region and named and named != endpoints.checked_region(given.region):
            raise UsageError(
                said(
                    "--region {region} and the endpoint {endpoint} contradict each other",
                    region=given.region,
                    endpoint=endpoint,
                ),
                hint="say one of the two",
            )
        return endpoint
    region = "" if bound else _region(given, environ)
    if not region and not bound:
        raise UsageError(
            "neither a region nor an endpoint is given", hint="say --region ID, or set HW_REGION_NAME"
        )
    return bound or _checked("dli", endpoints.service_endpoint(region, environ), given)


def _iam_endpoint(given: AccountOptions, found: Found, endpoint: str, environ: Mapping[str, str]) -> str:
    """IAM's origin, empty if unknown: beside DLI, here as in the cloud, and never guessed for other hosts."""
    loopback = endpoints.is_loopback(endpoint)
    region = endpoints.region_of(endpoint)
    url = given.iam_endpoint or found.iam_endpoint
    if not url and loopback:
        url = endpoint
    url = url or environ.get(endpoints.IAM_VARIABLE, "") or (endpoints.iam_endpoint(region) if region else "")
    if not url:
        return ""
    iam = _checked("iam", url, given)
    if found.endpoint:
        _refuse_elsewhere(_checked("iam", found.iam_endpoint, given), iam)
    if endpoints.is_loopback(iam) != loopback:
        raise UsageError(
            said(
                "of the endpoints {endpoint} and {iam} only one is on this machine",
                endpoint=endpoint,
                iam=iam,
            ),
            hint="say --iam-endpoint, or unset " + endpoints.IAM_VARIABLE,
        )
    return iam


def _checked(service: endpoints.Service, url: str, given: AccountOptions) -> str:
    return endpoints.checked_endpoint(url, service=service, allowed=given.allowed)


def _refuse_elsewhere(bound: str, endpoint: str) -> None:
    """Credentials that were given for one server are not shown to another."""
    if bound and bound != endpoint:
        raise CredentialsError(
            said("the credentials are for {bound} and not for {endpoint}", bound=bound, endpoint=endpoint),
            hint="leave the endpoint out, or give credentials for it",
        )


def open_account(target: Target, *, send: Send, now: Now) -> Account:
    """The account, with what IAM has to add. Raises CredentialsError, and UsageError if IAM is unknown.

    `now` tells the time with its zone. IAM is asked for a token if the credentials are a password, and
    for the project id if that is not given.
    """
    credentials = target.credentials
    if isinstance(credentials, Password) or not target.project_id:
        _can_ask_iam(target)
    if isinstance(credentials, Password):
        return _account_of_password(target, credentials, send, now)
    project_id = target.project_id or _look_up(target, credentials, send, now)
    return account_of(credentials, target.endpoint, project_id, now)


def _account_of_password(target: Target, password: Password, send: Send, now: Now) -> Account:
    def ask(send: Send) -> Token:
        return login(
            password,
            iam_endpoint=target.iam_endpoint,
            project_id=target.project_id,
            project_name=target.project_name or target.region,
            send=send,
        )

    renewal = Renewal(ask(send), ask)
    project_id = target.project_id or _look_up(target, renewal.token, send, now)

    def authorize(call: Call) -> Call:
        return authorizer(renewal.token, target.endpoint, project_id, now)(call)

    @functools.lru_cache(2)
    def masks(token: Token) -> Callable[[bytes], bytes]:
        return masking((token.value, password.password))

    def mask(body: bytes) -> bytes:
        return masks(renewal.token)(body)

    return Account(target.endpoint, project_id, authorize, mask, renewal=renewal)


def _look_up(target: Target, credentials: Keys | Token, send: Send, now: Now) -> str:
    """The id of the target's project; what IAM repeats of a secret is masked."""
    beside = account_of(credentials, target.iam_endpoint, "", now)

    def ask(call: Call) -> Answer | Failure:
        return beside.send(send, call)

    return look_up_project(target.project_name or target.region, iam_endpoint=target.iam_endpoint, send=ask)


def account_of(credentials: Keys | Token, endpoint: str, project_id: str, now: Now) -> Account:
    """An account of which everything is known."""
    authorize = authorizer(credentials, endpoint, project_id, now)
    if isinstance(credentials, Token):
        return Account(endpoint, project_id, authorize, masking((credentials.value,)))

    def remark(answer: Answer) -> str:
        return clock_apart(answer.headers, now().timestamp())

    secrets = (credentials.access_key, credentials.secret_key, credentials.security_token)
    return Account(endpoint, project_id, authorize, masking(secrets), remark)


def _can_ask_iam(target: Target) -> None:
    if not target.iam_endpoint:
        raise UsageError(
            said("where IAM is beside {endpoint} is not known", endpoint=target.endpoint),
            hint="say --iam-endpoint URL",
        )
    if not (target.project_id or target.project_name or target.region):
        raise UsageError("neither a project id nor a region is given", hint="say --project-id ID")


def authorizer(credentials: Keys | Token, endpoint: str, project_id: str, now: Now) -> Authorize:
    """Adds `X-Auth-Token`, or a fresh signature over the call with `X-Project-Id` and `X-Security-Token`.

    A call to any other server than `endpoint` is refused with CredentialsError.
    """

    def authorize(call: Call) -> Call:
        if not call.url.startswith(endpoint + "/"):
            raise CredentialsError(
                said("the credentials are for {endpoint} only", endpoint=endpoint),
                hint="this should not happen",
            )
        if isinstance(credentials, Token):
            return call._replace(headers={**call.headers, "X-Auth-Token": credentials.value})
        headers = dict(call.headers)
        if project_id:
            headers["X-Project-Id"] = project_id
        if credentials.security_token:
            headers["X-Security-Token"] = credentials.security_token
        keys = (credentials.access_key, credentials.secret_key)
        return call._replace(
            headers={**headers, **sign(call.method, call.url, headers, call.body, *keys, now())}
        )

    return authorize
