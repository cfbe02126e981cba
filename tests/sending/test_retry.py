"""When a call is made again, under a clock that jumps: how often, how late, and when a run gives up."""

from __future__ import annotations

import contextlib
import itertools
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from command import ROOT, environment
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer.calling.calls import Answer, Call, Failure, Phase
from importer.sending import retry as module
from importer.sending.retry import ATTEMPTS, CAP, LONGEST_PAUSE, Clock, Halted, Reason, Retry, seconds_of
from importer.sending.service import Gate, LookUpFailed, Service

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC).timestamp()


class Virtual:
    """Time that passes when somebody waits; safe for threads, which wait together."""

    def __init__(self, chance: Callable[[], float] = lambda: 0.5) -> None:
        self.seconds = 0.0
        self.waits: list[float] = []
        self._lock = threading.Lock()
        self.clock = Clock(lambda: NOW + self.seconds, lambda: self.seconds, self.wait, chance)

    def wait(self, seconds: float) -> None:
        """Let time pass, as far as nobody else has done so already."""
        assert seconds >= 0
        with self._lock:
            self.waits.append(seconds)
            self.seconds += seconds


def service_of(retry: Retry, send: Callable[[Call], Answer | Failure]) -> Service:
    """A service whose answers a function makes."""
    return Service(send, "http://x", retry, Gate())


# -- attempts, jitter, budget


@examples(2)
@given(st.integers(1, 40), st.floats(0, 1, exclude_max=True))
def test_jitter_has_bounds(attempt: int, chance: float) -> None:
    """A wait is a share of 1 s doubled with each attempt, at most 20 s; the third attempt is the last."""
    virtual = Virtual(lambda: chance)
    retry = Retry(virtual.clock)
    if attempt >= ATTEMPTS:
        with pytest.raises(Halted):
            retry.failed(attempt, "words")
        assert virtual.waits == []
        return
    retry.failed(attempt, "words")
    assert virtual.waits == [chance * min(CAP, 2.0**attempt)]


@pytest.mark.parametrize(
    "result",
    [
        Failure(Phase.CONNECT, "nobody"),
        Failure(Phase.AFTER, "reset"),
        Answer(500, {}, b"", True),
        Answer(503, {}, b"", True),
        Answer(200, {}, b"{", False),
        Answer(400, {}, b'{"error_code": "DLI.0999"}', True),
        Answer(400, {}, b'{"error_code": "DLI.0019"}', True),
    ],
)
def test_reads_are_tried_three_times(result: Answer | Failure) -> None:
    """A read that fails on the way or in the server is made three times; then the run ends."""
    calls: list[Call] = []
    retry = Retry(Virtual().clock)
    with pytest.raises(Halted) as caught:
        service_of(retry, lambda call: calls.append(call) or result).find("mrs")  # type: ignore[func-returns-value]
    assert len(calls) == ATTEMPTS == 3
    assert caught.value.reason is Reason.OUTAGE
    assert retry.halted is caught.value


@pytest.mark.parametrize("status", [301, 307, 400, 404, 409, 200])
def test_reads_that_were_answered_are_not_repeated(status: int) -> None:
    """What was answered is not asked again."""
    calls: list[Call] = []
    with pytest.raises(LookUpFailed):
        service_of(
            Retry(Virtual().clock),
            lambda call: calls.append(call) or Answer(status, {}, b"[]", True),  # type: ignore[func-returns-value]
        ).find("mrs")
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (Answer(401, {}, b"", True), Reason.REFUSED),
        (Answer(403, {}, b"", True), Reason.REFUSED),
        (Failure(Phase.TLS, "TLS"), Reason.TLS),
    ],
)
def test_what_is_hopeless_ends_at_once(result: Answer | Failure, reason: Reason) -> None:
    """A refused key is shown once, a server without a good certificate called once."""
    calls: list[Call] = []
    with pytest.raises(Halted) as caught:
        service_of(Retry(Virtual().clock), lambda call: calls.append(call) or result).find("mrs")  # type: ignore[func-returns-value]
    assert caught.value.reason is reason
    assert len(calls) == 1


@pytest.mark.parametrize("status", [429, 500])
def test_budget(status: int) -> None:
    """A server that always fails is called at most 1.2 times for each of 500 requests, whoever asks."""
    requests = 500
    calls = 0

    def fails(call: Call) -> Answer:
        nonlocal calls
        calls += 1
        return Answer(status, {}, b"", True)

    retry = Retry(Virtual().clock, budget=20 + requests / 10)
    for _ in range(requests):
        with pytest.raises(Halted):
            service_of(retry, fails).find("mrs")
    assert calls <= 1.2 * requests
    assert retry.halted is not None


def test_budget_of_a_server_that_fails_often() -> None:
    """With two failures for each success the budget ends the run early."""
    calls = 0

    def often(call: Call) -> Answer:
        nonlocal calls
        calls += 1
        return Answer(200, {}, b'{"connections": []}', True) if calls % 3 == 0 else Answer(503, {}, b"", True)

    retry = Retry(Virtual().clock, budget=20 + 500 / 10)
    done = 0
    with contextlib.suppress(Halted):
        while done < 500:
            service_of(retry, often).find("mrs")
            done += 1
    assert calls <= 1.2 * 500
    assert 30 <= done <= 45


def test_success_gives_back() -> None:
    """Ten successes pay for one repetition, so that scattered faults never end a long run."""
    retry = Retry(Virtual().clock, budget=1.0)
    for _ in range(1_000):
        retry.failed(1, "words")
        for _ in range(11):
            retry.succeeded()
    assert retry.halted is None


def test_the_first_reason_stays() -> None:
    """A run that was halted stays so, for its first reason, and lets no call through."""
    woken = []
    retry = Retry(Virtual().clock, wake=lambda: woken.append(1))
    first = retry.halt(Reason.REFUSED, "first")
    assert retry.halt(Reason.OUTAGE, "second") is first
    assert woken
    for act in (retry.turn, lambda: retry.failed(1, "x")):
        with pytest.raises(Halted) as caught:
            act()
        assert caught.value is first


# -- Retry-After


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("1", 1.0),
        (" 7 ", 7.0),
        ("300", 300.0),
        ("0000000000000005", 5.0),
        ("1000000000000", 1e12),
        ("9" * 40_000, float("inf")),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 12:00:30 +0000", 30.0),
        ("Sun, 01 Mar 2026 12:00:30 -0000", 30.0),
        ("Sunday, 01-Mar-26 12:00:30 GMT", 30.0),
        ("Sun Mar  1 12:00:30 2026", 30.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("", None),
        ("-1", None),
        ("-1000000000000", None),
        ("+5", None),
        ("1.5", None),
        ("1e3", None),
        ("NaN", None),
        ("Infinity", None),
        ("0x10", None),
        ("٣", None),
        ("５", None),
        ("soon", None),
        ("a" * 40_000, None),
        ("Sun, 99 Mar 2026 12:00:30 GMT", None),
        ("Sun, 01 Mar 99999 12:00:30 GMT", None),
        ("1, 2", None),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_seconds_of(text: str, seconds: float | None) -> None:
    """Both forms of the header, and what is neither."""
    assert seconds_of(text, NOW) == seconds


@examples(3)
@given(
    st.text(max_size=80)
    | st.from_regex(r"\A[A-Z][a-z]{2}, [0-9]{1,3} [A-Z][a-z]{2} [0-9]{1,6} [0-9:]{0,9} .{0,5}\Z")
)
def test_any_retry_after(text: str) -> None:
    """No text raises anything or asks for less than no time."""
    seconds = seconds_of(text, NOW)
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/Los_Angeles"])
def test_a_date_without_a_zone_is_gmt(zone: str) -> None:
    """The old form of a date means GMT wherever this machine stands."""
    code = (
        f"from importer.sending.retry import seconds_of; print(seconds_of('Sun Mar  1 12:00:30 2026', {NOW}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment({"TZ": zone}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "30.0"


HOSTILE = [
    "-5",
    "1" + "0" * 12,
    "NaN",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "x" * 40_000,
    "9" * 40_000,
    "301",
    "",
    "0",
    "12",
    "300",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text)[:30])
def test_never_sooner_than_asked(text: str) -> None:
    """Between a throttled call and the next one lies at least what was asked for, or the run ends."""
    virtual = Virtual()
    times: list[float] = []

    def throttles(call: Call) -> Answer:
        times.append(virtual.seconds)
        return Answer(429, {"Retry-After": text}, b"", True)

    retry = Retry(virtual.clock, budget=20)
    with pytest.raises(Halted) as caught:
        service_of(retry, throttles).find("mrs")
    assert caught.value.reason is Reason.THROTTLED
    asked = seconds_of(text, NOW)
    gaps = [later - sooner for sooner, later in itertools.pairwise(times)]
    if asked is not None and asked > LONGEST_PAUSE:
        assert gaps == []
    else:
        assert len(gaps) == 20
        assert all(gap >= (module.THROTTLE_BASE if asked is None else asked) for gap in gaps)
        assert all(gap <= LONGEST_PAUSE for gap in gaps)


def test_a_date_is_honoured() -> None:
    """A date counts from now, and the pause is not cut short by its fraction of a second."""
    virtual = Virtual()
    retry = Retry(virtual.clock)
    asked = format_datetime(datetime.fromtimestamp(NOW + 42, UTC), usegmt=True)
    retry.throttled(asked, "429")
    retry.turn()
    assert virtual.seconds >= 42


@examples(1)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=15))
def test_the_longest_pause_counts(asked: list[int]) -> None:
    """Several workers are throttled at once: everybody waits for the longest of their pauses."""
    virtual = Virtual()
    retry = Retry(virtual.clock, budget=100)
    for seconds in asked:
        retry.throttled(str(seconds), "429")
    retry.turn()
    assert virtual.seconds >= max(asked)


def test_a_pause_holds_for_all_threads() -> None:
    """While one worker is asked to pause, no other one calls."""
    virtual = Virtual()
    retry = Retry(virtual.clock, budget=100)
    start = threading.Barrier(8)
    made: list[float] = []
    retry.throttled("100", "429")

    def work() -> None:
        start.wait(10)
        for _ in range(20):
            retry.turn()
            made.append(virtual.seconds)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(made) == 160
    assert min(made) >= 100


def test_a_pause_that_grows_is_waited_out() -> None:
    """A pause that is made longer while somebody waits holds for who waits already."""
    virtual = Virtual()
    retry = Retry(virtual.clock, budget=100)
    grown = []

    def wait(seconds: float) -> None:
        if not grown:
            grown.append(1)
            retry.throttled("200", "429")
        virtual.wait(seconds)

    retry.clock = retry.clock._replace(wait=wait)
    retry.throttled("10", "429")
    retry.turn()
    assert virtual.seconds >= 200


def test_bare_throttling_backs_off() -> None:
    """Without a header the pause is at least 2 s and doubles; an answer takes it back to the start."""
    virtual = Virtual(lambda: 0.0)
    retry = Retry(virtual.clock, budget=100)
    pauses = []
    for _ in range(6):
        retry.throttled("", "429")
        before = virtual.seconds
        retry.turn()
        pauses.append(virtual.seconds - before)
    assert pauses == pytest.approx([2, 4, 8, 16, 30, 30])
    retry.succeeded()
    retry.throttled("", "429")
    before = virtual.seconds
    retry.turn()
    assert virtual.seconds - before == pytest.approx(2)


def test_waiting_ends_when_the_run_is_to_end() -> None:
    """Who waits for a pause hears of the end of the run as soon as the waiting is cut short."""
    retry = Retry(Virtual().clock)

    def interrupted(seconds: float) -> None:
        retry.halt(Reason.INTERRUPTED, "stopped")

    retry.clock = retry.clock._replace(wait=interrupted)
    retry.throttled("100", "429")
    with pytest.raises(Halted) as caught:
        retry.turn()
    assert caught.value.reason is Reason.INTERRUPTED
    retry = Retry(retry.clock)
    retry.clock = retry.clock._replace(wait=lambda seconds: retry.halt(Reason.INTERRUPTED, "stopped"))
    with pytest.raises(Halted):
        retry.failed(1, "words")


def test_a_gate_lets_one_through() -> None:
    """Until the service has admitted a call they go one by one; a refused one keeps the gate shut."""
    gate, under_way, overlaps, status = Gate(), threading.Lock(), [], 401

    def send() -> Answer:
        alone = under_way.acquire(blocking=False)
        overlaps.append(not alone)
        threading.Event().wait(0.002)
        if alone:
            under_way.release()
        return Answer(status, {}, b"", True)

    def at_once(number: int) -> None:
        threads = [
            threading.Thread(target=gate.pass_through, args=(lambda: None, send)) for _ in range(number)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)

    at_once(8)
    assert overlaps == [False] * 8
    status = 200
    gate.pass_through(lambda: None, send)
    both = threading.Barrier(2)

    def together() -> Answer:
        both.wait(10)
        return Answer(200, {}, b"", True)

    threads = [threading.Thread(target=gate.pass_through, args=(lambda: None, together)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert both.n_waiting == 0
    assert not both.broken
