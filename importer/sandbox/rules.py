"""Faults on request: what a rule may say, and which rule a call meets.

KIND[:KEY=VALUE[,KEY=VALUE...]]      commit-reset:name=mrs_*,times=1      throttle:op=list,seconds=3
"""

from __future__ import annotations

import fnmatch
import random
import threading
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple, NoReturn

from importer.errors import UsageError
from importer.language import near_miss
from importer.shown import shown

WRITES = frozenset({"create", "update", "delete"})
READS = frozenset({"list", "show", "iam"})
CREATE = frozenset({"create"})
LIST = frozenset({"list"})
EDITED = frozenset({"show", "update"})
_ALL = WRITES | READS


class Kind(NamedTuple):
    """One kind of fault."""

    ops: frozenset[str]
    """The operations it can befall."""
    seconds: float
    """`seconds` unless the rule says otherwise; 0 where it has none."""
    summary: str


ANY, PEERING = "any", "peering-failed"
UNFILTERED = frozenset({"short-pages", "page-numbers", "same-page", "no-filter"})
"""Kinds whose list is that of all connections, whatever name and status are asked for."""
TOKEN_ENDS = "token-ends"
TWISTS = UNFILTERED | {"unseen", "hosts-later", "stale", "half", "edited", "edited-after", TOKEN_ENDS}
"""Kinds that change what the service itself does, and not how its answer arrives."""
NEVER_BY_CHANCE = TWISTS | {ANY, PEERING, "huge", "unavailable", "throttle-reads", "echo"}
"""Kinds that `any` does not choose."""

KINDS = {
    "reset-before": Kind(_ALL, 0, "the connection is reset before the body is read"),
    "reset-during": Kind(WRITES, 0, "reset after part of the body"),
    "reset-after": Kind(_ALL, 0, "reset after the whole body, nothing done"),
    "close-after": Kind(_ALL, 0, "closed cleanly without an answer, nothing done"),
    "hang": Kind(_ALL, 30, "no answer for `seconds`, then closed, nothing done"),
    "error-500": Kind(_ALL, 0, "500, nothing done"),
    "error-502": Kind(_ALL, 0, "502, nothing done"),
    "error-503": Kind(_ALL, 0, "503, nothing done"),
    "error-504": Kind(_ALL, 0, "504, nothing done"),
    "server-error": Kind(_ALL, 0, "400 DLI.0999, nothing done"),
    "timeout-error": Kind(_ALL, 0, "400 DLI.0019, nothing done"),
    "throttle": Kind(_ALL, 1, "429 with Retry-After in seconds"),
    "throttle-date": Kind(_ALL, 1, "429 with Retry-After as a date"),
    "throttle-bare": Kind(_ALL, 0, "429 without Retry-After"),
    "redirect": Kind(_ALL, 0, "307 to another loopback port"),
    "false-success": Kind(WRITES, 0, "success status with is_success false, nothing done"),
    "empty-success": Kind(WRITES, 0, "success status with an empty body, nothing done"),
    "commit-hang": Kind(WRITES, 30, "done, then as hang"),
    "commit-reset": Kind(WRITES, 0, "done, then reset"),
    "commit-close": Kind(WRITES, 0, "done, then closed without an answer"),
    "commit-500": Kind(WRITES, 0, "done, and 500"),
    "commit-502": Kind(WRITES, 0, "done, and 502"),
    "commit-504": Kind(WRITES, 0, "done, and 504"),
    "commit-garbage": Kind(WRITES, 0, "done, and the success status with HTML"),
    "commit-cut": Kind(WRITES, 0, "done, and an answer shorter than its Content-Length"),
    "commit-cut-head": Kind(WRITES, 0, "done, and an answer that ends inside its header block"),
    "commit-no-id": Kind(CREATE, 0, "done, and an answer without connection_id"),
    "commit-server-error": Kind(WRITES, 0, "done, and 400 DLI.0999"),
    "commit-false": Kind(WRITES, 0, "done, and is_success false"),
    "commit-drip": Kind(WRITES, 1, "done, and the answer a byte at a time over `seconds`"),
    "late-commit": Kind(WRITES, 1, "504 at once, done `seconds` later"),
    "late-reset": Kind(WRITES, 1, "reset at once, done `seconds` later"),
    "twin": Kind(CREATE, 0, "somebody else takes the name at this moment: DLI.0006"),
    "garbage": Kind(READS, 0, "200 with HTML"),
    "cut": Kind(READS, 0, "an answer shorter than its Content-Length"),
    "nested": Kind(READS, 0, "200 with 100,000 nested arrays"),
    "huge": Kind(READS, 0, "200 with 100 MiB"),
    "interim": Kind(_ALL, 0, "interim answers (103 and 102) before the right one"),
    ANY: Kind(_ALL, 0, "one of the above by chance (never huge)"),
    "unavailable": Kind(_ALL, 1, "503 with Retry-After in seconds, nothing done"),
    "throttle-reads": Kind(READS, 1, "403 APIGW.0308 with Retry-After in seconds"),
    "echo": Kind(_ALL, 0, "401 whose message repeats the credentials of the call"),
    TOKEN_ENDS: Kind(_ALL - {"iam"}, 0, "the token of the call has come to its end: 401 from now on"),
    "unseen": Kind(CREATE, 3, "done and answered, and not shown by any read for `seconds`"),
    "hosts-later": Kind(CREATE, 3, "done and answered, and shown without hosts and pools for `seconds`"),
    "stale": Kind(READS, 0, "answered by a replica that knows no connection"),
    "short-pages": Kind(LIST, 0, "the filters of the list mean nothing, and a page has 3 at most"),
    "page-numbers": Kind(LIST, 0, "the filters of the list mean nothing, and `offset` counts pages"),
    "same-page": Kind(LIST, 0, "the filters of the list mean nothing, nor does `offset`"),
    "no-filter": Kind(LIST, 0, "the filters of the list mean nothing"),
    "half": Kind(frozenset({"update"}), 0, "a PUT keeps half of the hosts, and answers 500"),
    "edited": Kind(EDITED, 0, "somebody else adds a host just before"),
    "edited-after": Kind(EDITED, 0, "somebody else adds a host just after"),
    PEERING: Kind(CREATE, 0, "the peering of pool `name` ends FAILED"),
}
"""Every kind; what each does to the store and to the wire is in `faults`."""

_KEYS = ("name", "op", "chance", "times", "seconds")
OPS = ("create", "list", "show", "update", "delete", "iam", "any")


@dataclass
class Rule:
    """One rule, and how often it may still strike."""

    kind: str
    name: str | None = None
    """Glob over the connection's name, or the pool's for peering-failed."""
    op: str = "create"
    chance: float = 1.0
    times: int | None = None
    seconds: float | None = None

    def meets(self, op: str) -> bool:
        """Whether it is for this operation, name aside."""
        return self.op in (op, "any") and op in KINDS[self.kind].ops


class Fault(NamedTuple):
    """What a call has met."""

    kind: str
    seconds: float


def parse_rule(text: str) -> Rule:
    """Read a rule. Raises UsageError that names what is wrong, and what may have been meant."""
    kind, _, rest = text.partition(":")
    if kind not in KINDS:
        _wrong(text, f"there is no fault {shown(kind, 60)}", kind, KINDS)
    rule = Rule(kind)
    for pair in rest.split(",") if rest else ():
        key, sign, value = pair.partition("=")
        if key not in _KEYS or not sign:
            _wrong(text, f"{shown(pair, 60)} is none of {', '.join(f'{key}=' for key in _KEYS)}", key, _KEYS)
        _set(rule, key, value, text)
    if rule.op != "any" and rule.op not in KINDS[kind].ops:
        _wrong(text, f"{kind} cannot befall {rule.op}, but {', '.join(sorted(KINDS[kind].ops))}")
    return rule


def _set(rule: Rule, key: str, value: str, text: str) -> None:
    if key == "name":
        rule.name = value
    elif key == "op":
        if value not in OPS:
            _wrong(text, f"op={value} is none of {', '.join(OPS)}", value, OPS)
        rule.op = value
    elif key == "times":
        if not (value.isascii() and value.isdecimal() and len(value) < 10):
            _wrong(text, f"times={value} is not a number from 0")
        rule.times = int(value)
    else:
        try:
            number = float(value)
        except ValueError:
            number = -1.0
        most = 1.0 if key == "chance" else 86_400.0
        if not 0 <= number <= most:
            _wrong(text, f"{key}={value} is not a number from 0 to {most:g}")
        setattr(rule, key, number)


def _wrong(text: str, reason: str, word: str = "", known: Iterable[str] = ()) -> NoReturn:
    told = f"--fault {shown(text, 120)}: {reason}{near_miss(word, known)}"
    raise UsageError(told, hint="dli-hosts sandbox --help lists the faults")


class Rules:
    """The rules in force, in order: the first that fits a call strikes."""

    def __init__(self, texts: Iterable[str] = (), seed: int | None = None) -> None:
        """Raises UsageError for a rule without a meaning."""
        self._lock = threading.Lock()
        self._chance = random.Random(seed)
        self._rules: list[Rule] = []
        self.replace(texts)

    def replace(self, texts: Iterable[str]) -> None:
        """Replace all rules. Raises UsageError, and changes nothing, for a rule without a meaning."""
        rules = [parse_rule(text) for text in texts]
        with self._lock:
            self._rules = rules

    async def choose(self, op: str, name: Callable[[], Awaitable[str]]) -> Fault | None:
        """The fault of a call; its name is asked for only where a rule has a glob."""
        for rule in list(self._rules):
            if rule.kind == PEERING or not rule.meets(op):
                continue
            if rule.name is not None and not fnmatch.fnmatchcase(await name(), rule.name):
                continue
            if self._strikes(rule):
                return self._fault(rule, op)
        return None

    def peering(self, pool: str) -> str:
        """The err_msg with which the peering of a pool fails; "" if it does not."""
        for rule in list(self._rules):
            fits = rule.kind == PEERING and fnmatch.fnmatchcase(pool, rule.name or "*")
            if fits and self._strikes(rule):
                return f"Failed to create the VPC peering connection of {pool}: the CIDR blocks overlap."
        return ""

    def _strikes(self, rule: Rule) -> bool:
        with self._lock:
            if rule.times == 0 or self._chance.random() >= rule.chance:
                return False
            if rule.times is not None:
                rule.times -= 1
            return True

    def _fault(self, rule: Rule, op: str) -> Fault:
        kind = rule.kind
        if kind == ANY:
            with self._lock:
                kind = self._chance.choice(
                    [k for k, of in KINDS.items() if op in of.ops and k not in NEVER_BY_CHANCE]
                )
        return Fault(kind, KINDS[kind].seconds if rule.seconds is None else rule.seconds)
