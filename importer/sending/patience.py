"""Calls outside of the service itself, to IAM: made again while they are turned away or get no answer."""

from __future__ import annotations

from importer.calling.calls import Answer, Call, Failure, Phase, Send
from importer.sending.outcome import is_throttled, said_by
from importer.sending.retry import Retry, asked_in


def patient(send: Send, retry: Retry) -> Send:
    """The same calls, each made again by the policy of a run; only for such as may be carried out twice.

    What it returns raises Halted where the policy is at its end.
    """

    def ask(call: Call) -> Answer | Failure:
        attempt = 0
        while True:
            retry.turn()
            result = send(call)
            wait = ""
            if isinstance(result, Failure):
                if result.phase is Phase.TLS:
                    return result
                evidence = result.text
            else:
                evidence, wait = f"HTTP {result.status}", asked_in(result.headers)
                if is_throttled(result.status, said_by(result).code):
                    retry.throttled(wait, evidence)
                    continue
                if result.complete and result.status < 500:
                    return result
            attempt += 1
            retry.failed(attempt, evidence, retry_after=wait)

    return ask
