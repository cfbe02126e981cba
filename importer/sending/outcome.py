"""What an answer to a create call proves: the request was carried out, was not, or this cannot be known.

A create is a POST without an idempotency key, the service reports faults of its own with status 400,
and a 201 can carry `is_success: false`. So only what is documented to be decided before anything was
done counts as a refusal, only a connection id as success, and everything else is unknown.

Sources: the service's pages "Creating an Enhanced Datasource Connection" and "Error Codes" (DLI.*), and
"Error Codes" of API Gateway (APIGW.*).
"""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple

from importer.calling import reading
from importer.calling.calls import Answer, Failure, Phase
from importer.planning.host_answers import read_answer
from importer.planning.identity import is_id
from importer.sending.retry import asked_in
from importer.shown import visible


class Meaning(Enum):
    """What is known about one attempt to create a connection."""

    CREATED = "created"
    REJECTED = "rejected"
    """The service said no, and nothing was made."""
    DOUBTFUL = "doubtful"
    """A refusal that one look-up should confirm: success was denied in an answer that means success."""
    TAKEN = "taken"
    """The service knows a connection of that name."""
    NOT_SENT = "not-sent"
    """Nothing reached the service."""
    THROTTLED = "throttled"
    """The gateway turned the call away before the service saw it."""
    UNKNOWN = "unknown"


class Outcome(NamedTuple):
    """The meaning of an attempt, and what it rests on."""

    meaning: Meaning
    evidence: str
    """Status, code and message for a person: one line, nothing in it steers a terminal."""
    connection_id: str = ""
    request_id: str = ""
    code: str = ""
    """The service's error code, if it gave one."""
    stops: bool = False
    """Nothing that is sent later can succeed either."""
    retry_after: str = ""
    """What the header of that name asks for."""


_NOT_FOUND_CODES = frozenset({"DLI.0002", "DLI.0023"})
_REFUSALS = frozenset({"DLI.0001", "DLI.0002", "DLI.0007", "DLI.0009", "DLI.0012", "DLI.0023"})
"""Told by the service before it does anything: parameters, missing objects, unsupported, restricted."""
_HOPELESS = frozenset({"DLI.0003", "DLI.0013", "DLI.0014", "DLI.0015", "DLI.0016", "DLI.1028"})
"""Permission, authentication, roles, quota: the next request would fail in the same way."""
_THROTTLE = frozenset({"APIGW.0308", "APIG.0308"})
_NO_API = frozenset({"APIGW.0101", "APIG.0101"})
_TAKEN = "DLI.0006"
_SUCCESSES = (200, 201, 202)
_SHOWN = 500


def meaning_of(result: Answer | Failure, made: str = "connection_id") -> Outcome:
    """What a create call's result proves. Never raises, whatever the answer holds.

    `made`: where the answer names what was made; empty for a call that changes what is there.
    """
    if isinstance(result, Failure):
        if result.phase is Phase.AFTER:
            return Outcome(Meaning.UNKNOWN, result.text)
        return Outcome(Meaning.NOT_SENT, result.text, stops=result.phase is Phase.TLS)
    said = said_by(result)
    meaning, stops = _decide(result, said.data, said.code, made)
    connection_id = said.data[made] if made and meaning is Meaning.CREATED else ""
    wait = asked_in(result.headers) if meaning is Meaning.THROTTLED or result.status == 503 else ""
    return Outcome(meaning, said.evidence, connection_id, result.request_id, said.code, stops, wait)


def _decide(answer: Answer, data: dict[str, Any], code: str, made: str) -> tuple[Meaning, bool]:
    """Meaning, and whether the batch must stop."""
    status = answer.status
    if status in _SUCCESSES:
        return _of_success(data, code, made), False
    if is_throttled(status, code):
        return Meaning.THROTTLED, False
    if status in (401, 403):
        return Meaning.REJECTED, True
    if status in (404, 413):
        return Meaning.REJECTED, is_no_api(status, code)
    if 400 <= status < 500:
        if code in _HOPELESS:
            return Meaning.REJECTED, True
        if code == _TAKEN:
            return Meaning.TAKEN, False
        if code in _REFUSALS or code.startswith(("APIGW.", "APIG.")):
            return Meaning.REJECTED, False
    return Meaning.UNKNOWN, False


def is_throttled(status: int, code: str) -> bool:
    """Whether the gateway turned a call away for coming too soon."""
    return status == 429 or (code in _THROTTLE and 400 <= status < 500)


def is_no_api(status: int, code: str) -> bool:
    """Whether the gateway knows no such API: the endpoint is another one, and each call fails alike."""
    return status == 404 and code in _NO_API


def _of_success(data: dict[str, Any], code: str, made: str) -> Meaning:
    """Of an answer with status 200, 201 or 202. A missing `is_success` counts as true."""
    if code:
        return Meaning.UNKNOWN
    success = data.get("is_success")
    if success is False:
        return Meaning.DOUBTFUL
    told = is_id(data.get(made)) if made else bool(data)
    if (success is None or success is True) and told:
        return Meaning.CREATED
    return Meaning.UNKNOWN


class Said(NamedTuple):
    """What an answer says, read once."""

    data: dict[str, Any]
    """The JSON object; empty if there is none."""
    code: str
    message: str
    evidence: str
    """Status, code and message for a person, and why the answer cannot be understood where that is so."""


def said_by(answer: Answer) -> Said:
    """Read an answer; never raises, whatever it holds."""
    data, fault = (
        reading.json_object(answer.body, read_answer) if answer.complete else ({}, "the answer was cut off")
    )
    code, message = error_of(data)
    told = " ".join(filter(None, (f"HTTP {answer.status}", code, message)))
    # An error says enough by its status, whatever its body is.
    remark = answer.remark or (fault if answer.status < 400 or not answer.complete else "")
    return Said(data, code, message, f"{told} ({remark})" if remark else told)


def json_object(answer: Answer) -> dict[str, Any]:
    """The body as a JSON object; empty if it is anything else."""
    return reading.json_object(answer.body, read_answer)[0]


def error_of(data: dict[str, Any]) -> tuple[str, str]:
    """Code and message of an error body, in any of the spellings that the gateway and services use."""
    code = message = ""
    for inner in (data, *(value for value in data.values() if isinstance(value, dict))):
        for one, other in (("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message")):
            if not code and isinstance(inner.get(one), str):
                code = inner[one]
                message = inner[other] if isinstance(inner.get(other), str) else ""
    if not message and isinstance(data.get("message"), str):
        message = data["message"]
    return visible(code[:64]), visible(message[:_SHOWN])


def says_not_found(answer: Answer) -> bool:
    """Whether a show call's answer says that there is no such connection.

    404, or 400 with a code of a missing object; DLI.0001 only with words to that effect, since it also
    stands for any bad parameter.
    """
    code, message = error_of(json_object(answer))
    if answer.status == 404:
        return not code.startswith(("APIGW.", "APIG."))
    missing = code == "DLI.0001" and "not exist" in message.lower()
    return answer.status == 400 and (code in _NOT_FOUND_CODES or missing)
