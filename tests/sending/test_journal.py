"""The journal: what is written is read again, damage is never overlooked, and one run has it at a time."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command import ROOT, environment
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer.errors import JournalError
from importer.sending.history import encode, read_journal, replay
from importer.sending.journal import Journal, open_journal
from importer.sending.records import CLOSED, DONE, OPEN

E, P = "https://dli.cn-north-4.myhuaweicloud.com", "0123456789abcdef0123456789abcdef"
HEAD = {"format": "dli-hosts journal", "schema_version": 1, "endpoint": E, "project_id": P}
NOW = 1_800_000_000.0
TARGET = {"vpc": "v", "subnet": "s", "pools": ["p"], "queues": [], "hosts": "0" * 64, "count": 1}
NEEDED = {"deadline": 180.0, "request": "r", "target": TARGET, "id": "id-1", "state": "fine", "former": "f"}
"""What records of one type or another cannot be without."""


@contextlib.contextmanager
def opened(path: Path, **changes: Any) -> Iterator[Journal]:
    """A journal of the usual place."""
    arguments: dict[str, Any] = {"endpoint": E, "project_id": P, "now": lambda: NOW} | changes
    with open_journal(path, **arguments) as journal:
        yield journal


def lines_of(records: list[dict[str, Any]], head: dict[str, Any] | None = None) -> bytes:
    """The bytes of a journal."""
    data, checksum = b"", "0" * 16
    for record in [head or HEAD, *records]:
        line, checksum = encode(record, checksum)
        data += line
    return data


def intent(name: str, time: float = NOW) -> dict[str, Any]:
    """An intent."""
    return {"type": "intent", "name": name, "time": time, **NEEDED}


def history(number: int) -> list[dict[str, Any]]:
    """Some records of all kinds."""
    kinds = ("intent", "created", "intent", "unknown", "absent", "intent", "rejected", "adopted", "gone")
    return [
        {"type": (*kinds, "conflict")[i % 10], "name": f"n{i % 3}", "time": NOW + i, "evidence": "HTTP 201"}
        | NEEDED
        | {"id": f"id-{i}", "deadline": 1.0}
        for i in range(number)
    ]


def told(data: bytes) -> list[dict[str, Any]]:
    """All records that a replay finds, name by name, the head first."""
    found, _ = replay(data, "j")
    return [found.head, *(record for entry in found.entries.values() for record in entry.records)]


def is_prefix(data: bytes, whole: bytes) -> bool:
    """Whether a replay of the data gives the first records of the whole, and nothing else."""
    found = told(data)
    parts = whole.splitlines(keepends=True)
    return any(found == told(b"".join(parts[:number])) for number in range(len(parts) + 1))


_RESERVED = {"type", "name", "time", "kind", "ended", "evidence", *NEEDED}
facts = st.dictionaries(
    st.text(min_size=1, max_size=8).filter(lambda key: key not in _RESERVED),
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.lists(st.text(max_size=5), max_size=3),
    max_size=4,
)
names = st.sampled_from(["a", "b", "mrs_1", "x" * 64])


@examples(1)
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(OPEN | DONE | CLOSED)), names, facts, st.booleans()), max_size=12
    )
)
def test_what_is_written_is_read(
    records: list[tuple[str, str, dict[str, Any], bool]],
) -> None:
    """Any records come back in order, in the run that wrote them and in the next one."""
    import tempfile

    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        path = Path(folder, "journal")
        expected: dict[str, list[dict[str, Any]]] = {}
        with contextlib.ExitStack() as stack:
            journal = stack.enter_context(opened(path))
            for kind, name, further, again in records:
                journal.append(kind, name, **NEEDED, **further)
                record = {"type": kind, "name": name, "time": NOW, **NEEDED, **further}
                expected.setdefault(name, []).append(record)
                assert journal.entry(name).records == expected[name]
                if again:
                    stack.close()
                    journal = stack.enter_context(opened(path))
                    assert journal.healed == ""
        assert {name: entry.records for name, entry in read_journal(path).entries.items()} == expected
        for name, entry in read_journal(path).entries.items():
            last = expected[name][-1]["type"]
            assert (entry.state, entry.is_open, entry.is_done) == (last, last in OPEN, last in DONE)


def test_whose_id_it_is(tmp_path: Path) -> None:
    """An id is known whatever the name it was made for, as long as it is the last one of that name."""
    with opened(tmp_path / "journal") as journal:
        journal.append("created", "a", **NEEDED | {"id": "1"})
        assert (journal.has("1"), journal.has("2")) == (True, False)
        journal.append("created", "a", **NEEDED | {"id": "2"})
        assert (journal.has("1"), journal.has("2")) == (False, True)


def test_every_truncation_is_healed(tmp_path: Path) -> None:
    """Cut anywhere, with or without NULs behind, the whole lines stay, and writing goes on."""
    whole = lines_of(history(10))
    path = tmp_path / "journal"
    for size in range(len(whole) + 1):
        for tail in (b"", b"\0", b"\0" * 4096):
            data = whole[:size] + tail
            assert is_prefix(data, whole), (size, len(tail))
    ends = {end for end in range(len(whole) + 1) if whole[:end].endswith(b"\n")}
    sizes = sorted(ends | {end - 1 for end in ends} | {0, 1, 5, 20} | set(range(0, len(whole), 301)) - {-1})
    for size in [size for size in sizes if size >= 0]:
        for tail in (b"", b"\0" * 100):
            path.write_bytes(whole[:size] + tail)
            with opened(path) as journal:
                assert bool(journal.healed) is ((size not in ends or bool(tail)) and size + len(tail) > 0)
                journal.append("intent", "new", **NEEDED)
            kept = path.read_bytes()
            assert b"\0" not in kept
            first = max((end for end in ends if end <= size), default=0)
            assert kept.startswith(whole[: first + (size + 1 in ends and first != size)])
            assert read_journal(path).entries["new"].state == "intent"
            with opened(path) as journal:
                assert journal.healed == ""


def changes(whole: bytes, values: Iterator[int] | range) -> Iterator[tuple[int, bytes]]:
    """The data with one byte changed, for each place and value."""
    for place in range(len(whole)):
        for value in values:
            if value != whole[place]:
                yield place, whole[:place] + bytes([value]) + whole[place + 1 :]


def refused_or_same(whole: bytes, values: range) -> None:
    """Each changed byte is seen; a NUL for the last LF is the one change that takes nothing away."""
    expected, harmless = told(whole), []
    for place, data in changes(whole, values):
        try:
            found = told(data)
        except JournalError:
            continue
        assert found == expected, (place, data[place])
        harmless.append((place, data[place]))
    assert harmless in ([], [(len(whole) - 1, 0)])


def test_every_changed_byte_is_seen() -> None:
    """Every other value of every byte of a journal of two records."""
    refused_or_same(lines_of(history(1)), range(256))


def test_changed_bytes_of_a_longer_journal() -> None:
    """Each byte of ten records flipped in some ways."""
    whole = lines_of(history(10))
    for step in (0, 10, 32, 48, 123, 255):
        refused_or_same(whole, range(step, step + 1))


@pytest.mark.long
def test_every_changed_byte_of_a_longer_journal() -> None:
    """Every other value of every byte of a journal of eleven records."""
    refused_or_same(lines_of(history(10)), range(256))


def test_lines_moved_lost_or_repeated() -> None:
    """Lines swapped, repeated, deleted or put in are seen; a lost end cannot be."""
    lines = lines_of(history(8)).splitlines(keepends=True)
    damaged = []
    for i in range(len(lines)):
        damaged.append([*lines[:i], lines[i], *lines[i:]])
        if i < len(lines) - 1:
            damaged.append([*lines[:i], *lines[i + 1 :]])
            damaged.append([*lines[:i], b"\n", *lines[i:]])
            damaged.append([*lines[:i], b"\0\n", *lines[i:]])
        for j in range(i):
            swapped = list(lines)
            swapped[i], swapped[j] = swapped[j], swapped[i]
            damaged.append(swapped)
    foreign = lines_of(history(8), HEAD | {"endpoint": "x"}).splitlines(keepends=True)
    damaged += [[*lines[:i], foreign[i], *lines[i + 1 :]] for i in range(len(lines))]
    damaged += [[*lines, *lines], [*lines, *foreign]]
    for parts in damaged:
        with pytest.raises(JournalError, match="is damaged"):
            replay(b"".join(parts), "j")


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (HEAD | {"endpoint": "https://other"}, ("belongs to endpoint 'https://other'", "--journal")),
        (HEAD | {"project_id": "other"}, ("belongs to project_id 'other'",)),
        (HEAD | {"schema_version": 2}, ("version",)),
        (HEAD | {"format": "something else"}, ("is not a journal",)),
        ({"some": "thing"}, ("is not a journal",)),
    ],
)
def test_journals_of_others(head: dict[str, Any], words: tuple[str, ...], tmp_path: Path) -> None:
    """A journal of another endpoint, project or version is refused and left as it is."""
    path = tmp_path / "journal"
    later = [{"event": "of a later version"}, {"list": [1]}]
    ours = (head.get("format"), head.get("schema_version")) == (HEAD["format"], HEAD["schema_version"])
    for records in ([], history(3), history(1) if ours else later):
        path.write_bytes(lines_of(records, head))
        before = path.read_bytes()
        with pytest.raises(JournalError) as caught, opened(path):
            raise AssertionError
        text = f"{caught.value} {caught.value.hint}"
        assert all(word in text for word in words), text
        assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"hello", b"hello\n", b"10.0.0.1 a\n10.0.0.2 b", b"{}", b"5 0000", b"PK\3\4" * 9]
)
def test_what_is_no_journal_is_left_alone(content: bytes, tmp_path: Path) -> None:
    """A file that is something else is refused, and not one byte of it is cut off."""
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(JournalError), opened(path):
        raise AssertionError
    assert path.read_bytes() == content


MEANINGLESS: list[Any] = [
    [],
    "intent",
    {},
    {"type": "intent"},
    {"type": "later", "name": "a", "time": NOW},
    {"type": ["intent"], "name": "a", "time": NOW},
    {"type": "run", "time": NOW},
    {"type": "end", "time": NOW},
    {"type": "end", "time": NOW, "left": -1},
    {"type": "end", "time": NOW, "left": True},
    {"type": "absent", "name": 5, "time": NOW},
    {"type": "absent", "name": "a"},
    {"type": "absent", "name": "a", "time": "now"},
    {"type": "absent", "name": "a", "time": True},
    {"type": "absent", "name": "a", "time": 1e300},
    {"type": "absent", "name": "a", "time": NOW, "evidence": ["x"]},
    {"type": "unknown", "name": "a", "time": NOW, "ended": None},
    {"type": "created", "name": "a", "time": NOW},
    {"type": "created", "name": "a", "time": NOW, "id": "../../x"},
    {"type": "adopted", "name": "a", "time": NOW, "id": 5},
    {"type": "seen", "name": "a", "time": NOW},
    *({k: v for k, v in intent("a").items() if k != key} for key in ("deadline", "request", "target")),
    intent("a") | {"target": {}},
    intent("a") | {"target": TARGET | {"pools": "p"}},
    intent("a") | {"target": TARGET | {"hosts": None}},
    intent("a") | {"deadline": -1},
]


@pytest.mark.parametrize("record", MEANINGLESS, ids=lambda record: json.dumps(record)[:60])
def test_a_record_that_means_nothing(record: Any, tmp_path: Path) -> None:
    """A checksum can be reckoned by anybody: what stands behind it is looked at, too, and refused whole."""
    path = tmp_path / "journal"
    path.write_bytes(lines_of([intent("b"), record, intent("c")]))
    before = path.read_bytes()
    with pytest.raises(JournalError, match="has a record that this version cannot read"):
        read_journal(path)
    with pytest.raises(JournalError), opened(path):
        raise AssertionError
    assert path.read_bytes() == before


def test_records_that_are_no_json(tmp_path: Path) -> None:
    """Neither are lines whose text is no JSON, or nested without end."""
    for text in (b"{", b"\xff", b"[" * 100_000, b"NaN1"):
        first, checksum = encode(HEAD)
        mark = hashlib.sha256(checksum.encode() + text).hexdigest()[:16]
        path = tmp_path / "journal"
        path.write_bytes(first + b"%d %s %s\n" % (len(text), mark.encode(), text))
        with pytest.raises(JournalError, match="cannot read"):
            read_journal(path)


# -- times


@pytest.mark.parametrize(
    ("records", "now", "sent"),
    [
        ([intent("a")], NOW + 10, NOW + 10),
        ([intent("a")], NOW + 179, NOW + 179),
        ([intent("a")], NOW + 1_000, NOW + 180),
        ([intent("a")], NOW - 1, NOW - 1),
        (
            [intent("a"), {"type": "unknown", "name": "a", "time": NOW + 50, "ended": NOW + 20}],
            NOW + 60,
            NOW + 20,
        ),
        (
            [intent("a"), {"type": "unknown", "name": "a", "time": NOW + 50, "ended": NOW + 20}],
            NOW + 40,
            NOW + 40,
        ),
        (
            [intent("a"), {"type": "unknown", "name": "a", "time": NOW + 50, "ended": NOW + 70}],
            NOW + 60,
            NOW + 60,
        ),
        ([intent("a"), {"type": "unknown", "name": "a", "time": NOW + 50}], NOW + 60, NOW + 50),
    ],
)
def test_when_the_last_byte_was_sent(records: list[dict[str, Any]], now: float, sent: float) -> None:
    """The end of a call, its deadline, or now: never sooner than it may have been."""
    history_, _ = replay(lines_of(records), "j")
    assert history_.entries["a"].sent_before(now) == sent


# -- one at a time


HOLD = """
import sys, time
from pathlib import Path
from importer.errors import JournalError
from importer.sending.journal import open_journal
sys.stdin.readline()
try:
    with open_journal(Path(sys.argv[1]), endpoint="e", project_id="p", now=time.time) as journal:
        print("has it", flush=True)
        sys.stdin.readline()
except JournalError as error:
    print(f"refused {error} | {error.hint}", flush=True)
"""


@contextlib.contextmanager
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that opens the journal when it is told so, and closes it when told again."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def say(process: subprocess.Popen[str]) -> None:
    """One line."""
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def hear(process: subprocess.Popen[str]) -> str:
    """One line."""
    assert process.stdout is not None
    return process.stdout.readline()


RACE = """
import os, sys, time
from pathlib import Path
from importer.errors import JournalError
from importer.sending.journal import open_journal
for line in sys.stdin:
    path = Path(line.strip())
    try:
        with open_journal(path, endpoint="e", project_id="p", now=time.time) as journal:
            print("has it", flush=True)
            sys.stdin.readline()
        print("done", flush=True)
    except JournalError as error:
        print(f"refused {error}", flush=True)
        sys.stdin.readline()
        print("done", flush=True)
"""


def test_two_processes(tmp_path: Path) -> None:
    """Of two processes that start at the same moment exactly one proceeds; the other names it. 50 times."""
    command = [sys.executable, "-c", RACE]
    with contextlib.ExitStack() as stack:
        pair = [
            stack.enter_context(
                subprocess.Popen(
                    command,
                    cwd=ROOT,
                    env=environment(),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(2)
        ]
        for number in range(50):
            for process in pair:
                assert process.stdin is not None
                process.stdin.write(f"{tmp_path / f'j{number % 5}'}\n")
                process.stdin.flush()
            heard = [hear(process) for process in pair]
            assert sorted(line.split()[0] for line in heard) == ["has", "refused"], heard
            loser = heard[0].startswith("has")
            assert f"in use by another run (process {pair[not loser].pid})" in heard[loser]
            for process in pair:
                say(process)
            assert [hear(process) for process in pair] == ["done\n", "done\n"]
        for process in pair:
            assert process.stdin is not None
            process.stdin.close()


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    """The lock ends with its process, however that ends; patience waits for it."""
    path = tmp_path / "journal"
    with holder(path) as process:
        say(process)
        assert hear(process) == "has it\n"
        arguments: dict[str, Any] = {"endpoint": "e", "project_id": "p"}
        with pytest.raises(JournalError, match=f"process {process.pid}"), opened(path, **arguments):
            raise AssertionError
        process.send_signal(signal.SIGKILL)
        with opened(path, patience=20.0, **arguments) as journal:
            journal.append("absent", "a")


# -- a disk that fails


FULL = """
import resource, sys
from pathlib import Path
from importer.errors import JournalError
from importer.sending.journal import open_journal
with open_journal(Path(sys.argv[1]), endpoint="e", project_id="p", now=lambda: 1.5) as journal:
    done = 0
    for number in range(100):
        try:
            journal.append("absent", f"n{number}", evidence="x" * 100)
        except JournalError as error:
            print(done, error, "|", error.hint)
            break
        done += 1
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    for _ in range(3):
        try:
            journal.append("absent", "later")
            print("written")
        except JournalError as error:
            print("still", error)
"""


def full(path: Path, *before: str, limit: int = 0) -> list[str]:
    """What a process tells whose writes fail after a while."""

    def prepare() -> None:
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    done = subprocess.run(
        [*before, sys.executable, "-c", FULL, str(path)],
        cwd=ROOT,
        env=environment({"PYTHONDONTWRITEBYTECODE": "1"}),
        capture_output=True,
        text=True,
        preexec_fn=prepare,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("limit", [500, 1_000, 1_003, 2_345])
def test_no_room(limit: int, tmp_path: Path) -> None:
    """A write that fails, also halfway, is told, ends all writing, and is healed by the next run."""
    path = tmp_path / "journal"
    first, *later = full(path, limit=limit)
    assert "cannot be written: File too large | make room" in first
    assert len(later) == 3
    assert all(line.startswith("still") and "cannot be written" in line for line in later)
    with opened(path, endpoint="e", project_id="p") as journal:
        assert journal.healed
        assert journal.entry(f"n{int(first.split()[0]) - 1}").state == "absent"
        assert not journal.entry(f"n{first.split()[0]}").records


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace makes chosen system calls fail")
@pytest.mark.parametrize(
    ("call", "fault"), [("write", "ENOSPC"), ("write", "EIO"), ("fsync", "EIO"), ("fsync", "ENOSPC")]
)
def test_a_disk_that_fails(call: str, fault: str, tmp_path: Path) -> None:
    """A write or sync that fails once is final: nothing is written after it, though the disk is well."""
    path = tmp_path / "journal"
    path.touch()
    rule = f"--inject={call}:error={fault}:when=4"
    told = full(
        path, "strace", "-qq", "-o", str(tmp_path / "trace"), "-P", str(path), f"--trace={call}", rule
    )
    if not told:
        pytest.skip("strace may not trace here")
    assert re.match(r"\d+ .* cannot be written: (No space|Input/output)", told[0])
    assert [line.split()[0] for line in told[1:]] == ["still"] * 3
    done = int(told[0].split()[0])
    assert 1 <= done <= 3
    found = read_journal(path).entries
    assert all(f"n{number}" in found for number in range(done))
    assert "later" not in found
    assert len(found) == done + (call == "fsync")


# -- whose it is


@pytest.mark.parametrize("umask", [0, 0o022, 0o077])
def test_permissions(umask: int, tmp_path: Path) -> None:
    """Journal, lock and every folder made for them are their owner's alone."""
    before = os.umask(umask)
    try:
        path = tmp_path / "state" / "dli-hosts" / "journals" / "journal"
        with opened(path) as journal:
            journal.append("absent", "a")
    finally:
        os.umask(before)
    assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("which", ["journal", "journal.lock"])
def test_planted_links(which: str, tmp_path: Path) -> None:
    """A link in the place of the journal or its lock is refused; what it points to is left alone."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    for target in (victim, tmp_path / "nothing"):
        (tmp_path / which).unlink(missing_ok=True)
        (tmp_path / which).symlink_to(target)
        with pytest.raises(JournalError, match="cannot be opened"), opened(tmp_path / "journal"):
            raise AssertionError
    assert victim.read_bytes() == b"mine"
    assert not (tmp_path / "nothing").exists()


def test_what_is_no_file(tmp_path: Path) -> None:
    """A folder, a pipe and a device are no journals; none is waited for."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "folder", tmp_path / "pipe", tmp_path / "folder" / "x" / ("n" * 300)):
        with pytest.raises(JournalError), opened(path):
            raise AssertionError
    with pytest.raises(JournalError):
        read_journal(tmp_path / "folder")


def test_reading_changes_nothing(tmp_path: Path) -> None:
    """A torn journal is read up to its tear and left as it is; an empty one is none."""
    path = tmp_path / "journal"
    data = lines_of(history(4))[:-7]
    path.write_bytes(data)
    assert len(read_journal(path).entries) == 3
    assert path.read_bytes() == data
    for content in (b"", b"12 ab", lines_of([], HEAD | {"format": "x"})):
        path.write_bytes(content)
        with pytest.raises(JournalError):
            read_journal(path)
    with pytest.raises(JournalError, match="cannot be read"):
        read_journal(tmp_path / "missing")


def test_the_form_of_a_line() -> None:
    """Length, chained checksum and JSON in plain ASCII, as the module says."""
    first, one = encode({"a": "é\n"}, "0" * 16)
    length, checksum, text = first.rstrip(b"\n").split(b" ", 2)
    assert json.loads(text) == {"a": "é\n"}
    assert first.isascii()
    assert int(length) == len(text)
    assert checksum.decode() == one == hashlib.sha256(b"0" * 16 + text).hexdigest()[:16]
    assert encode({"a": "é\n"}, one)[1] != one
