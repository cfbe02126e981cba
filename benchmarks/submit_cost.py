"""Question: what does sending exactly once cost, beside a bare loop that posts the same bytes?

    python benchmarks/submit_cost.py [--requests 50] [--hosts 20000] [--rounds 5] [--tool COMMAND]

One sandbox process serves all. In each round, by turns and each with names of its own: a bare loop over one
`requests.Session` with the same signatures; the same loop in four threads; `importer.sending` with one worker
and with four (look-up, intent, call, outcome, a journal that is synced to disk); and the whole process
`dli-hosts submit PLAN`. The bound for `importer.sending` is 1.25 times the bare loop.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import requests
from generate import generate
from measure import ENVIRONMENT, split_tool

from importer.calling.account import Account, authorizer
from importer.calling.calls import Call
from importer.calling.credentials import Keys
from importer.calling.transport import DEADLINE, Network
from importer.cli.session import Session, make_retry
from importer.planning.plan import Plan, plan_request, write_plan
from importer.planning.plan_reading import read_plan
from importer.sending.journal import open_journal
from importer.sending.result import State
from importer.sending.service import Gate, base_url
from importer.sending.submit import Submission
from importer.sending.workers import carry_out_all

BOUND = 1.25
BARE, BARE_4, SENDING_1, SENDING_4, PROCESS = NAMES = (
    "bare loop", "bare loop, 4 threads", "importer.sending, 1 worker", "importer.sending, 4 workers",
    "dli-hosts submit PLAN, 4 workers",
)  # fmt: skip
HEADERS = {"Accept": "application/json", "Content-Type": "application/json"}


@contextlib.contextmanager
def sandbox(tool: Sequence[str], folder: Path) -> Iterator[tuple[Account, Path]]:
    """A sandbox process: how to sign for it, and the file with its keys."""
    serving = subprocess.Popen(
        [*tool, "sandbox", "--data", str(folder / "data")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=ENVIRONMENT,
    )
    assert serving.stdout is not None
    try:
        line = serving.stdout.readline()
        told = json.loads(line)
        keys = folder / "keys.json"
        keys.touch(mode=0o600)
        keys.write_text(line, encoding="utf-8")
        sign = authorizer(
            Keys(told["access_key"], told["secret_key"]), told["endpoint"], told["project_id"],
            lambda: datetime.now(UTC),
        )  # fmt: skip
        yield Account(told["endpoint"], told["project_id"], sign), keys
    finally:
        serving.terminate()
        serving.wait()
        serving.stdout.close()


def make_bodies(folder: Path, number: int, hosts: int) -> list[dict[str, Any]]:
    """The request bodies, all their hosts different ones."""
    bodies = []
    for index in range(number):
        path = folder / "list.csv"
        generate(path, "csv", hosts, index + 1, 0.0, 0.0)
        rows = (line.split(",") for line in path.read_text(encoding="utf-8").splitlines()[1:])
        pairs = [{"ip": ip, "name": name} for ip, name in rows]
        bodies.append({"name": "", "dest_vpc_id": "vpc-1", "dest_network_id": "net-1", "hosts": pairs})
    return bodies


def make_plan(folder: Path, bodies: list[dict[str, Any]], prefix: str) -> Path:
    """A plan file for the bodies, under names that were not used before."""
    path = folder / f"{prefix}.plan"
    plan = Plan(
        tuple(plan_request(body | {"name": f"{prefix}_{index}"}) for index, body in enumerate(bodies))
    )
    write_plan(plan, str(path))
    return path


def post_all(account: Account, contents: Sequence[bytes]) -> None:
    """Post one after the other, and believe what comes back."""
    url = base_url(account.endpoint, account.project_id)
    with requests.Session() as session:
        session.trust_env = False
        for content in contents:
            call = account.authorize(Call("POST", url, dict(HEADERS), content))
            answer = session.post(call.url, data=call.body, headers=call.headers, timeout=DEADLINE)
            assert answer.status_code == 201, answer.text
            assert answer.json()["connection_id"]


def bare(account: Account, plan: Plan, workers: int) -> None:
    """The bare loop, in so many threads."""
    contents = [request.content for request in plan.requests]
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda first: post_all(account, contents[first::workers]), range(workers)))


def sending(account: Account, plan: Plan, workers: int, journal_path: Path) -> None:
    """What `submit` does once it has its plan."""
    retry = make_retry(len(plan.requests))
    session = Session(account, Network(), retry, Gate(), DEADLINE)
    place = {"endpoint": account.endpoint, "project_id": account.project_id}
    with open_journal(journal_path, now=retry.clock.now, **place) as journal:

        @contextlib.contextmanager
        def submission() -> Iterator[Submission]:
            with session.service() as service:
                yield Submission(service, journal, retry, plan.digest, DEADLINE)

        results = list(carry_out_all(plan.requests, submission, retry, workers=workers))
    assert [result.state for _, result in results] == [State.CREATED] * len(plan.requests)


def whole_process(tool: Sequence[str], plan: Path, keys: Path, journal: Path) -> None:
    """The command, from its start to its end."""
    command = [
        *tool, "submit", str(plan), "--credentials", str(keys), "--journal", str(journal), "--quiet",
    ]  # fmt: skip
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)


def timed(work: Callable[[], None]) -> float:
    """Seconds that it takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def one_round(
    account: Account, keys: Path, folder: Path, bodies: list[dict[str, Any]], label: str, tool: Sequence[str]
) -> dict[str, float]:
    """Each way once, in the order of `NAMES`."""
    found: dict[str, float] = {}
    for number, name in enumerate(NAMES):
        path = make_plan(folder, bodies, f"{label}_{number}")
        journal = folder / f"{label}_{number}.journal"
        if name == PROCESS:
            found[name] = timed(lambda: whole_process(tool, path, keys, journal))  # noqa: B023
        else:
            plan = read_plan(str(path))
            workers = 4 if name in (BARE_4, SENDING_4) else 1
            if name in (BARE, BARE_4):
                found[name] = timed(lambda: bare(account, plan, workers))  # noqa: B023
            else:
                found[name] = timed(lambda: sending(account, plan, workers, journal))  # noqa: B023
        path.unlink()
    return found


def main() -> None:
    """Measure, print the table, and say whether the bound is met."""
    parser = argparse.ArgumentParser(description="Measure what sending exactly once costs.")
    parser.add_argument("--requests", type=int, default=50)
    parser.add_argument("--hosts", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tool", metavar="COMMAND", help="the tool's command")
    wanted = parser.parse_args()
    tool = split_tool(wanted.tool)
    rounds = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bodies = make_bodies(folder, wanted.requests, wanted.hosts)
        with sandbox(tool, folder) as (account, keys):
            one_round(account, keys, folder, bodies[:2], "warm", tool)
            for number in range(wanted.rounds):
                rounds.append(one_round(account, keys, folder, bodies, f"round{number}", tool))
                print(
                    ", ".join(f"{name} {seconds:.2f} s" for name, seconds in rounds[-1].items()), flush=True
                )
    fastest = {name: min(found[name] for found in rounds) for name in NAMES}
    print(f"\n{wanted.requests} requests of {wanted.hosts:,} hosts, {wanted.rounds} rounds, in turn")
    print("| way | median s | fastest s | median of the ratios | ratio of the fastest |")
    print("|---|---:|---:|---:|---:|")
    ratios = {}
    for name in NAMES:
        ratios[name] = fastest[name] / fastest[BARE]
        middle = median(found[name] / found[BARE] for found in rounds)
        seconds = median(found[name] for found in rounds)
        print(f"| {name} | {seconds:.2f} | {fastest[name]:.2f} | {middle:.2f} | {ratios[name]:.2f} |")
    ratios[SENDING_4] = max(ratios[SENDING_4], fastest[SENDING_4] / fastest[BARE_4])
    print(f"\n4 workers against 4 threads, the fastest of each: {fastest[SENDING_4] / fastest[BARE_4]:.2f}")
    met = max(ratios[SENDING_1], ratios[SENDING_4]) <= BOUND
    print(f"bound for importer.sending: {BOUND} times the bare loop: {'met' if met else 'NOT MET'}")
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
