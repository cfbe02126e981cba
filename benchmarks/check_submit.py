"""Question: is each connection created exactly once, whatever breaks on the way and whoever is killed?

    python benchmarks/check_submit.py [--seeds 20] [--connections 200] [--hosts 20000] [--log FILE]
    python benchmarks/check_submit.py --late

For each seed a sandbox process with faults of every kind, late commits inside the settle window among them,
and `dli-hosts submit PLAN` again and again until it ends well. The first runs are stopped (SIGKILL, SIGTERM,
Ctrl-C) after a random time. Then the sandbox's SQLite file alone, asked in SQL, must hold each planned name
exactly once with exactly the hosts of its list, and every connection that was told to be created. With
`--log` each seed's line is kept in a file too, and a seed that has one there is not run again.

`--late` shows what is promised where it cannot be known: a commit later than the settle window is told as
unknown with status 5, is not sent twice in that run, and is found by the next one. Where the next one came
sooner than the commit, and sent again, a later one tells both connections with status 4.
"""

import argparse
import contextlib
import csv
import functools
import hashlib
import json
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generate import generate
from measure import ENVIRONMENT, split_tool

from importer.sandbox.rules import ANY, KINDS, PEERING

SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
VPC, SUBNET = "vpc-check", "subnet-check"
FAILED, UNKNOWN = 4, 5


@dataclass
class Work:
    """What is to be sent: names and their lists, and the plan for them."""

    folder: Path
    names: list[str]
    plan: Path
    tool: Sequence[str]
    workers: int
    settle: float

    def list_of(self, name: str) -> Path:
        """The list that the hosts of a connection come from."""
        return self.folder / f"{name}.csv"


@dataclass
class Seed:
    """What was seen of one seed."""

    runs: int = 0
    killed: int = 0
    statuses: list[int] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)
    """Name and id of each connection told to be created, or to exist as planned."""
    violations: list[str] = field(default_factory=list)
    seconds: float = 0.0


def prepare(folder: Path, connections: int, hosts: int, wanted: argparse.Namespace) -> Work:
    """Write the lists, the jobs file and the plan."""
    names = [f"conn_{index:04d}" for index in range(connections)]
    work = Work(folder, names, folder / "all.plan", split_tool(wanted.tool), wanted.workers, wanted.settle)
    jobs = [f'[defaults]\nvpc = "{VPC}"\nsubnet = "{SUBNET}"\n']
    for index, name in enumerate(names):
        generate(work.list_of(name), "csv", hosts, index + 1, 0.0, 0.0)
        jobs.append(f'[[connection]]\nname = "{name}"\nfiles = ["{name}.csv"]\n')
    (folder / "jobs.toml").write_text("".join(jobs), encoding="utf-8")
    command = [*work.tool, "plan", "--quiet", "jobs.toml", "-o", str(work.plan)]
    subprocess.run(command, cwd=folder, env=ENVIRONMENT, check=True, stdout=subprocess.DEVNULL)
    return work


@contextlib.contextmanager
def sandbox(work: Work, data: Path, faults: Sequence[str]) -> Iterator[Path]:
    """A sandbox process over a file; gives the file with its keys."""
    command = [*work.tool, "sandbox", "--data", str(data)]
    for fault in faults:
        command += ["--fault", fault]
    serving = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=ENVIRONMENT
    )
    assert serving.stdout is not None
    try:
        keys = data.with_suffix(".keys")
        keys.touch(mode=0o600)
        keys.write_text(serving.stdout.readline(), encoding="utf-8")
        yield keys
    finally:
        serving.terminate()
        serving.wait()
        serving.stdout.close()


def submit(
    work: Work, keys: Path, seed: Seed, *, kill_after: float | None, number: int, more: Sequence[str] = ()
) -> int:
    """One run, stopped by a signal after so many seconds unless it ends before; its status."""
    out, err = keys.with_suffix(".out"), keys.with_suffix(".err")
    command = [
        *work.tool, "submit", str(work.plan), "--credentials", str(keys),
        "--journal", str(keys.with_suffix(".journal")),
        "--settle", str(work.settle), "--workers", str(work.workers), *more,
    ]  # fmt: skip
    with out.open("wb") as told, err.open("wb") as talk:
        running = subprocess.Popen(command, stdout=told, stderr=talk, env=ENVIRONMENT)
        try:
            status = running.wait(kill_after)
        except subprocess.TimeoutExpired:
            seed.killed += 1
            running.send_signal(number)
            status = running.wait()
    seed.runs += 1
    seed.statuses.append(status)
    seed.told += created(out.read_text(encoding="utf-8"))
    if "Traceback" in (text := err.read_text(encoding="utf-8")) or status == 2:
        seed.violations.append(f"status {status}: {text[-2000:]}")
    return status


def created(out: str) -> Iterator[tuple[str, str]]:
    """What was told on standard output to be there; a line that was cut off by a kill tells nothing."""
    for line in out.splitlines(keepends=True):
        if line.startswith(("created: ", "exists: ")) and line.endswith("\n"):
            yield line.split(": ")[1].split(",")[0], line.split(", id ")[1].split(" ")[0]


def digest(pairs: Iterable[tuple[str, str]]) -> str:
    """Of all pairs in order of their addresses, one that is there twice twice."""
    return hashlib.sha256(repr(sorted(pairs)).encode()).hexdigest()


@functools.cache
def wanted_of(path: Path) -> str:
    """The digest of a list, which stays the same for all seeds."""
    with path.open(encoding="utf-8", newline="") as file:
        return digest((row["ip"], row["name"]) for row in csv.DictReader(file))


def prove(work: Work, data: Path, told: Sequence[tuple[str, str]]) -> Iterator[str]:
    """What is wrong in the sandbox's file; reads it and the lists, and nothing else."""
    with contextlib.closing(sqlite3.connect(f"file:{data}?mode=ro", uri=True)) as database:
        live: dict[str, list[str]] = {}
        rows = database.execute("SELECT name, id FROM connections WHERE status = 'ACTIVE' ORDER BY number")
        for name, key in rows:
            live.setdefault(name, []).append(key)
        for name in work.names:
            keys = live.pop(name, [])
            if len(keys) != 1:
                yield f"{name} is there {len(keys)} times"
                continue
            text, vpc, subnet = database.execute(
                "SELECT hosts, dest_vpc_id, dest_network_id FROM connections WHERE id = ?", keys
            ).fetchone()
            there = [(host["ip"], host["name"]) for host in json.loads(text)]
            if digest(there) != wanted_of(work.list_of(name)) or (vpc, subnet) != (VPC, SUBNET):
                yield f"{name} is not as planned: {len(there)} hosts"
            for other, key in told:
                if other == name and key != keys[0]:
                    yield f"{name} was told to be there as {key}, and is there as {keys[0]}"
        for name in live:
            yield f"{name} was never planned"


def rules(chance: float, lateness: float) -> list[str]:
    """Every fault of a create call, each as likely, together about `chance`; reads fail too, more rarely.

    Not `twin`: it is somebody else who takes the name, and ends as a conflict.
    """
    kinds = [kind for kind, of in KINDS.items() if "create" in of.ops and kind not in (ANY, PEERING, "twin")]
    made = [f"{kind}:chance={chance / len(kinds):.5f},seconds={lateness:g}" for kind in kinds]
    return made + [f"any:op={op},chance={chance / 10:.5f},seconds={lateness:g}" for op in ("list", "show")]


def one_seed(work: Work, number: int, wanted: argparse.Namespace) -> Seed:
    """Submit under faults and kills until a run ends well, then prove."""
    begin = time.monotonic()
    chance = random.Random(number)
    seed = Seed()
    data = work.folder / f"seed-{number}.data"
    lateness = work.settle / 2
    with sandbox(work, data, rules(wanted.chance, lateness)) as keys:
        for run in range(wanted.runs):
            after = chance.uniform(0.3, wanted.longest) if run < wanted.kills else None
            status = submit(
                work, keys, seed, kill_after=after, number=chance.choice(SIGNALS),
                more=("--timeout", str(10 + work.settle)),
            )  # fmt: skip
            if status == 0:
                break
        else:
            seed.violations.append(f"{wanted.runs} runs did not end well: {seed.statuses}")
    seed.violations += prove(work, data, seed.told)
    remove(work, number)
    seed.seconds = time.monotonic() - begin
    return seed


def remove(work: Work, number: int) -> None:
    """Take away what a seed has left: some 250 MB."""
    for path in work.folder.glob(f"seed-{number}.*"):
        path.unlink()


def is_there(data: Path, name: str) -> bool:
    """Whether the sandbox's file has a connection of this name."""
    with contextlib.closing(sqlite3.connect(f"file:{data}?mode=ro", uri=True)) as database:
        return bool(database.execute("SELECT 1 FROM connections WHERE name = ?", (name,)).fetchall())


def commit_late(data: Path, name: str) -> str:
    """Have a first call for this name carried out only now, beside the second one; the new id."""
    with contextlib.closing(sqlite3.connect(data)) as database, database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(connections)")]
        kept = ", ".join(column for column in columns if column not in ("number", "id"))
        insert = f"INSERT INTO connections (id, {kept}) SELECT ?, {kept} FROM connections WHERE name = ?"
        database.execute(insert, ("late-one", name))
    return "late-one"


def beyond_the_window(work: Work) -> list[str]:
    """A commit that comes after the window, before or after the next run: what is wrong with what is told."""
    data, seed = work.folder / "seed-0.data", Seed()
    found, twice = work.names[:2]
    faults = [
        f"late-commit:name={found},times=1,seconds={3 * work.settle}",
        f"error-504:name={twice},times=1",
    ]
    with sandbox(work, data, faults) as keys:
        first = submit(work, keys, seed, kill_after=None, number=0)
        told_first = {name for name, _ in seed.told}
        while not is_there(data, found):
            time.sleep(0.1)
        second = submit(work, keys, seed, kill_after=None, number=0)
        wrong = seed.violations + list(prove(work, data, seed.told))
        late = commit_late(data, twice)
        third = submit(work, keys, seed, kill_after=None, number=0)
        lines = keys.with_suffix(".out").read_text(encoding="utf-8").splitlines()
    if first != UNKNOWN or {found, twice} & told_first:
        wrong.append(f"a commit later than the window was not told as unknown: status {first}")
    if second != 0:
        wrong.append(f"the next run did not find it: status {second}")
    told = [line for line in lines if "the name is taken 2 times: " in line and late in line]
    if third != FAILED or len(told) != 1 or not told[0].startswith(f"exists: {twice}, "):
        wrong.append(f"two connections of one name were not told: status {third}")
    remove(work, 0)
    return wrong


def known(log: Path | None) -> dict[int, str]:
    """The lines of seeds that a log has already."""
    if log is None or not log.exists():
        return {}
    lines = [line for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("seed ")]
    return {int(line.split()[1].rstrip(":")): line for line in lines}


def tell(line: str, log: Path | None) -> None:
    """Say it, and keep it."""
    print(line, flush=True)
    if log is not None:
        with log.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def all_seeds(work: Work, wanted: argparse.Namespace) -> int:
    """Run the seeds that are not in the log; how many of all were not right."""
    wrong = 0
    for number in range(wanted.first_seed, wanted.first_seed + wanted.seeds):
        line = known(wanted.log).get(number)
        if line is None:
            seed = one_seed(work, number, wanted)
            line = (
                f"seed {number}: {len(work.names)} connections of {wanted.hosts:,} hosts, {seed.runs} runs "
                f"(statuses {' '.join(map(str, seed.statuses))}), {seed.killed} stopped, "
                f"{len(seed.told)} told, {len(seed.violations)} violations, {seed.seconds:.0f} s"
            )
            tell(line, wanted.log)
            for violation in seed.violations:
                tell(f"  {violation}", wanted.log)
        wrong += ", 0 violations, " not in line
    return wrong


def main() -> None:
    """Check all seeds, or what happens beyond the window."""
    parser = argparse.ArgumentParser(description="Check that each connection is created exactly once.")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--connections", type=int, default=200)
    parser.add_argument("--hosts", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--settle", type=float, default=2.0, help="the window; calls are late by half of it")
    parser.add_argument("--chance", type=float, default=0.1, help="of a fault, for a create call")
    parser.add_argument("--kills", type=int, default=3, help="runs of a seed that a signal may end")
    parser.add_argument("--runs", type=int, default=15, help="give up on a seed after so many")
    parser.add_argument("--longest", type=float, help="seconds after which a run is stopped, at most")
    parser.add_argument("--late", action="store_true", help="show what a commit beyond the window comes to")
    parser.add_argument("--log", metavar="FILE", type=Path, help="keep the lines there, and go on from them")
    parser.add_argument("--tool", metavar="COMMAND", help="the tool's command")
    wanted = parser.parse_args()
    if wanted.longest is None:
        wanted.longest = 1.5 + wanted.connections * wanted.hosts / 150_000
    with tempfile.TemporaryDirectory() as folder:
        work = prepare(Path(folder), wanted.connections, wanted.hosts, wanted)
        if wanted.late:
            faults = beyond_the_window(work)
            print(
                "\n".join(faults) or "told as unknown, sent once in a run; found, or told to be there twice"
            )
            sys.exit(1 if faults else 0)
        wrong = all_seeds(work, wanted)
    print(f"{wanted.seeds} seeds, {wrong} of them with violations")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
