"""Two questions to IAM: a token for a password, and the id of a region's project.

Source: IAM's pages "Obtaining a User Token Through Password Authentication" (POST /v3/auth/tokens) and
"Querying Project Information" (GET /v3/projects). Each is asked once. Of an answer nothing but status,
token and ids is shown or used: a server could repeat a password in its message.
"""

from __future__ import annotations

import json
from urllib.parse import quote

from importer.calling.calls import Answer, Call, Failure, Send
from importer.calling.credentials import Password, Token
from importer.calling.reading import json_object
from importer.errors import CredentialsError
from importer.language import said
from importer.shown import shown

_JSON = {"Content-Type": "application/json"}
_MAX_TOKEN = 1 << 15
_MAX_ID = 64
_SHOWN = 60


def login(password: Password, *, iam_endpoint: str, project_id: str, project_name: str, send: Send) -> Token:
    """A token for one project, by its id if that is known, else by its name. Raises CredentialsError."""
    project = {"id": project_id} if project_id else {"name": project_name}
    user = {"name": password.user, "password": password.password, "domain": {"name": password.domain}}
    body = {
        "auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": project},
        }
    }
    call = Call("POST", f"{iam_endpoint}/v3/auth/tokens", dict(_JSON), json.dumps(body).encode())
    answer = _ask(send, call, "a token")
    if answer.status in (400, 401, 403, 404):
        raise CredentialsError(
            said(
                "{iam_endpoint} refuses a token (HTTP {status})",
                iam_endpoint=iam_endpoint,
                status=answer.status,
            ),
            hint="check user, password, account and project; a HUAWEI ID gets no token, an IAM user does",
        )
    token = answer.headers.get("X-Subject-Token", "")
    if answer.status != 201 or not 0 < len(token) <= _MAX_TOKEN or not all("!" <= c <= "~" for c in token):
        raise CredentialsError(
            said(
                "{iam_endpoint} gives no token (HTTP {status})",
                iam_endpoint=iam_endpoint,
                status=answer.status,
            ),
            hint=_HINT,
        )
    return Token(token)


_HINT = "check --iam-endpoint; --project-id and keys need no IAM"


def look_up_project(name: str, *, iam_endpoint: str, send: Send) -> str:
    """The id of the project of a name, which is mostly that of a region; there must be exactly one.

    `send` proves who asks. Raises CredentialsError.
    """
    call = Call("GET", f"{iam_endpoint}/v3/projects?name={quote(name, safe='~')}", dict(_JSON))
    answer = _ask(send, call, "the project id")
    if answer.status != 200:
        raise CredentialsError(
            said(
                "{iam_endpoint} tells no project id (HTTP {status})",
                iam_endpoint=iam_endpoint,
                status=answer.status,
            ),
            hint=_refused(answer),
        )
    ids = _project_ids(answer)
    if len(ids) != 1:
        many = (
            said(
                "{number:,} projects: {ids}",
                number=len(ids),
                ids=", ".join(shown(i, _SHOWN) for i in ids[:5]),
            )
            if ids
            else "no project"
        )
        raise CredentialsError(
            said(
                "{iam_endpoint} knows {many} of the name {name}",
                iam_endpoint=iam_endpoint,
                many=many,
                name=shown(name, _SHOWN),
            ),
            hint="say --project-id ID",
        )
    return ids[0]


def _refused(answer: Answer) -> str:
    if answer.remark:
        return answer.remark
    if answer.status in (401, 403):
        return "check the credentials and the clock (a signature holds for 15 minutes), or say --project-id"
    return said("say --project-id ID; {HINT}", HINT=_HINT)


def _project_ids(answer: Answer) -> list[str]:
    """The ids in the answer; such as cannot stand in a URL are none."""
    projects = json_object(answer.body)[0].get("projects")
    found = [p.get("id") for p in projects if isinstance(p, dict)] if isinstance(projects, list) else []
    return [i for i in found if isinstance(i, str) and 0 < len(i) <= _MAX_ID and i.isascii() and _plain(i)]


def _plain(text: str) -> bool:
    return text.replace("-", "").replace("_", "").isalnum()


def _ask(send: Send, call: Call, what: str) -> Answer:
    """The whole answer of IAM. Raises CredentialsError when there is none."""
    origin = call.url.partition("/v3/")[0]
    result = send(call)
    if isinstance(result, Failure):
        raise CredentialsError(
            said("{origin} cannot be asked for {what}: {text}", origin=origin, what=what, text=result.text),
            hint=_HINT,
        )
    if not result.complete:
        raise CredentialsError(
            said(
                "{origin} cannot be asked for {what}: {remark}",
                origin=origin,
                what=what,
                remark=result.remark,
            ),
            hint=_HINT,
        )
    return result
