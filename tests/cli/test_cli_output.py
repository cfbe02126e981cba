"""`-o FILE` is whole or not there at all, and standard output that fails is told in one line."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
from functools import partial
from pathlib import Path

import pytest
from command import BAD, GOOD, PROGRAM, assert_cannot_work, dli_hosts, environment, run_process

from importer.system import atomic_file

MANY = b"".join(b"10.20.%d.%d kafka-%d\n" % (i // 250, i % 250, i) for i in range(20_000))


def listing(folder: Path) -> list[str]:
    """Everything in a folder, hidden or not."""
    return sorted(path.name for path in folder.iterdir())


def small_files(most: int = 4096) -> None:
    """Let no file grow beyond so many bytes, as on a full disk: a write fails, and no signal kills."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def test_output_file_holds_the_result(tmp_path: Path) -> None:
    """`-o FILE` holds byte for byte what standard output would, which is then empty."""
    (tmp_path / "bad.hosts").write_bytes(BAD)
    for form in ("text", "json"):
        arguments = ("check", "bad.hosts", "--output-format", form)
        shown = dli_hosts(*arguments, cwd=tmp_path)
        written = dli_hosts(*arguments, "-o", "report", cwd=tmp_path)
        assert (written.status, written.raw, written.err) == (shown.status, b"", "")
        assert (tmp_path / "report").read_bytes() == shown.raw
    assert listing(tmp_path) == ["bad.hosts", "report"]


def test_output_dash_is_stdout(tmp_path: Path) -> None:
    """`-o -` is standard output."""
    (tmp_path / "good.hosts").write_bytes(GOOD)
    assert dli_hosts("emit", "good.hosts", "--as", "hosts", "-o", "-", cwd=tmp_path).raw == GOOD
    assert listing(tmp_path) == ["good.hosts"]


def test_output_spares_the_input(tmp_path: Path) -> None:
    """A file that is read is never the one that is written, under whatever name."""
    (tmp_path / "list").write_bytes(GOOD + GOOD)
    (tmp_path / "link").symlink_to("list")
    for target in ("list", "./list", "link"):
        for verb in (("emit", "list", "--as", "hosts"), ("check", "list")):
            outcome = dli_hosts(*verb, "-o", target, cwd=tmp_path)
            assert outcome.status == 2
            assert "is one of the inputs" in outcome.err
    assert (tmp_path / "list").read_bytes() == GOOD + GOOD
    assert listing(tmp_path) == ["link", "list"]


_CONNECTION = ("--name", "n", "--vpc", "v", "--subnet", "s")


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "-"),
        ("emit", "-", "--as", "csv"),
        ("emit", "-", "--as", "request", *_CONNECTION),
        ("plan", "-", *_CONNECTION),
        ("check", "good", "-"),
    ],
    ids=" ".join,
)
def test_output_spares_standard_input(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Nor is the file that standard input comes from."""
    (tmp_path / "good").write_bytes(b"10.0.0.9 z\n")
    target = tmp_path / "list"
    target.write_bytes(GOOD)
    with target.open("rb") as stdin:
        done = subprocess.run(
            [*PROGRAM, *arguments, "-o", "list"],
            cwd=tmp_path,
            env=environment(),
            stdin=stdin,
            capture_output=True,
        )
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"-o list: is one of the inputs" in done.stderr
    assert target.read_bytes() == GOOD


@pytest.mark.parametrize(
    ("verb", "option"),
    [
        (("emit", "--as", "request"), "--connection"),
        (("plan",), "--connection"),
        (("plan", "--online", *_CONNECTION), "--credentials"),
        (("plan", "--online", *_CONNECTION), "--token-file"),
        (("plan", "--online", *_CONNECTION), "--ca-bundle"),
        (("plan", "--online", *_CONNECTION), "--journal"),
    ],
    ids=str,
)
def test_output_spares_what_options_name(verb: tuple[str, ...], option: str, tmp_path: Path) -> None:
    """Nor are connections, credentials, tokens, certificates and journals."""
    text = b'name = "n"\nvpc = "v"\nsubnet = "s"\n'
    (tmp_path / "good").write_bytes(GOOD)
    (tmp_path / "kept").write_bytes(text)
    (tmp_path / "kept").chmod(0o600)
    outcome = dli_hosts(*verb, "good", option, "kept", "-o", "./kept", cwd=tmp_path)
    assert outcome.status == 2
    assert (tmp_path / "kept").read_bytes() == text
    if "--online" not in verb:
        assert_cannot_work(outcome, "-o ./kept: is one of the inputs")


def test_a_plan_spares_itself(tmp_path: Path) -> None:
    """A plan that is read is not written anew."""
    (tmp_path / "good").write_bytes(GOOD)
    assert dli_hosts("plan", "good", *_CONNECTION, "-o", "a.plan", cwd=tmp_path).status == 0
    before = (tmp_path / "a.plan").read_bytes()
    assert_cannot_work(dli_hosts("plan", "a.plan", "-o", "a.plan", cwd=tmp_path), "is one of the inputs")
    assert (tmp_path / "a.plan").read_bytes() == before


def test_links_that_go_in_a_circle(tmp_path: Path) -> None:
    """They are no file to write, and stay."""
    (tmp_path / "good").write_bytes(GOOD)
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    assert_cannot_work(
        dli_hosts("emit", "good", "--as", "hosts", "-o", "one", cwd=tmp_path), "no regular file"
    )
    assert listing(tmp_path) == ["good", "one", "two"]


def test_two_runs_with_one_process_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs in containers that share a folder may have the same number: neither touches the other's file."""
    monkeypatch.setattr(os, "getpid", lambda: 1)
    with atomic_file(tmp_path / "a") as first:
        first.write(b"a")
        with atomic_file(tmp_path / "b") as second:
            second.write(b"b")
        with pytest.raises(KeyError), atomic_file(tmp_path / "c"):
            raise KeyError
    assert {name: (tmp_path / name).read_bytes() for name in listing(tmp_path)} == {"a": b"a", "b": b"b"}


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("check", "cut.gz"), 2),
        (("check", "many.hosts", "missing.hosts"), 2),
        (("emit", "bad.hosts", "--as", "hosts"), 1),
        (("emit", "many.hosts", "--as", "request", "--name", "bad name", "--vpc", "v", "--subnet", "s"), 2),
    ],
)
def test_failure_keeps_the_old_file(arguments: tuple[str, ...], status: int, tmp_path: Path) -> None:
    """When there is no result the old file keeps its content, and no other file appears."""
    (tmp_path / "many.hosts").write_bytes(MANY)
    (tmp_path / "bad.hosts").write_bytes(BAD)
    (tmp_path / "cut.gz").write_bytes(b"\x1f\x8b\x08\0")
    (tmp_path / "out").write_bytes(b"old")
    before = listing(tmp_path)
    assert dli_hosts(*arguments, "-o", "out", cwd=tmp_path).status == status
    assert (tmp_path / "out").read_bytes() == b"old"
    assert listing(tmp_path) == before


@pytest.mark.parametrize("old", [b"old", None])
@pytest.mark.parametrize(
    "arguments",
    [
        ("emit", "many.hosts", "--as", "hosts"),
        ("emit", "many.hosts", "--as", "csv"),
        ("emit", "many.hosts", "--as", "request", "--name", "n", "--vpc", "v", "--subnet", "s"),
        ("check", "many.hosts", "--output-format", "json", "--cidr", "10.99.0.0/16"),
    ],
)
def test_file_that_cannot_grow(arguments: tuple[str, ...], old: bytes | None, tmp_path: Path) -> None:
    """A write that fails halfway is told once, exit 2; the old file or no file is there, and nothing else."""
    (tmp_path / "many.hosts").write_bytes(MANY)
    if old is not None:
        (tmp_path / "out").write_bytes(old)
    before = listing(tmp_path)
    outcome = dli_hosts(*arguments, "-o", "out", cwd=tmp_path, prepare=small_files)
    assert_cannot_work(outcome, "-o out: cannot be written", "File too large")
    assert listing(tmp_path) == before
    if old is not None:
        assert (tmp_path / "out").read_bytes() == old


def test_full_disk(tmp_path: Path) -> None:
    """On a full file system the same holds: one error, the old content, nothing left behind."""
    (tmp_path / "many.hosts").write_bytes(MANY)
    disk = tmp_path / "disk"
    disk.mkdir()
    script = (
        'mount -t tmpfs -o size=64k tmpfs disk || exit 77; printf old > disk/out; "$@" >said 2>error;'
        " echo $? >status; ls -A disk >left; cat disk/out >kept"
    )
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare to mount a small disk with")
    unshare = ("unshare", "-m") if os.geteuid() == 0 else ("unshare", "-r", "-m")
    command = (
        *unshare,
        "sh",
        "-c",
        script,
        "sh",
        *PROGRAM,
        "emit",
        "many.hosts",
        "--as",
        "hosts",
        "-o",
        "disk/out",
    )
    if run_process(command, tmp_path).status != 0:
        pytest.skip("a small disk cannot be mounted here")
    assert (tmp_path / "status").read_text() == "2\n"
    assert (tmp_path / "said").read_bytes() == b""
    assert (tmp_path / "left").read_text() == "out\n"
    assert (tmp_path / "kept").read_text() == "old"
    assert "-o disk/out: cannot be written: No space left on device" in (tmp_path / "error").read_text()


@pytest.mark.parametrize(
    "target", [".", "folder", "folder/", "/dev/full", "/dev/null", "pipe", "", "missing/out", "f/out"]
)
def test_target_that_is_no_file(target: str, tmp_path: Path) -> None:
    """A folder, a device, a pipe, a name below nothing: one clear error, and nothing is made."""
    (tmp_path / "f").write_bytes(GOOD)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    before = listing(tmp_path)
    outcome = dli_hosts("emit", "f", "--as", "hosts", "-o", target, cwd=tmp_path)
    assert_cannot_work(outcome)
    assert "internal error" not in outcome.err
    assert listing(tmp_path) == before
    assert listing(tmp_path / "folder") == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize(
    "arguments",
    [("check", "f"), ("check", "f", "--output-format", "json"), ("emit", "f", "--as", "csv"), ("explain",)],
)
def test_stdout_full(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Standard output on a full disk is exit 2 and one error that says why."""
    (tmp_path / "f").write_bytes(GOOD)
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*PROGRAM, *arguments],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            env=environment(),
            check=False,
        )
    lines = done.stderr.decode().splitlines()
    assert done.returncode == 2
    assert lines[0] == "dli-hosts: error: standard output cannot be written: No space left on device"
    assert all(line.startswith("  = help: ") for line in lines[1:])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_to_a_full_disk(option: str, tmp_path: Path) -> None:
    """Help that cannot be written is no success either: exit 2 and an error without a traceback."""
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*PROGRAM, option],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.startswith(b"dli-hosts: error: ")
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "f", "--max-findings", "0"),
        ("check", "f", "--max-findings", "0", "--output-format", "json"),
        ("emit", "f", "--as", "hosts", "--skip-refused", "-q"),
    ],
)
def test_closed_pipe(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """A reader that has read enough, as `head -1` does, ends the command without a word."""
    (tmp_path / "f").write_bytes(MANY.replace(b" kafka-1", b" 1kafka-"))
    with subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == (1 if "check" in arguments else 0)


def test_many_connections_in_a_folder(tmp_path: Path) -> None:
    """`--split` with `--as console` fills a folder, 20,000 hosts a file, and needs `-o`."""
    (tmp_path / "f").write_bytes(MANY + b"10.30.0.1 last\n")
    arguments = ("emit", "f", "--as", "console", "--split", "--name", "mrs")
    assert_cannot_work(dli_hosts(*arguments, cwd=tmp_path), "-o FOLDER")
    assert dli_hosts(*arguments, "-o", "parts", cwd=tmp_path).status == 0
    assert listing(tmp_path / "parts") == ["mrs_1.txt", "mrs_2.txt"]
    assert (tmp_path / "parts" / "mrs_1.txt").read_bytes() == MANY
    assert (tmp_path / "parts" / "mrs_2.txt").read_bytes() == b"10.30.0.1 last\n"


@pytest.mark.parametrize("there", [False, True])
def test_a_folder_that_cannot_be_filled(there: bool, tmp_path: Path) -> None:
    """Where one file of several cannot be written none stays, and the same command can be given again."""
    long = b"".join(b"10.30.0.1 last%d%s\n" % (i, b"x" * 50) for i in range(10_000))
    (tmp_path / "f").write_bytes(MANY + long)
    if there:
        (tmp_path / "parts").mkdir()
    arguments = ("emit", "f", "--as", "console", "--split", "-o", "parts")
    full = dli_hosts(*arguments, cwd=tmp_path, prepare=partial(small_files, len(MANY)))
    assert_cannot_work(full, "-o parts/hosts_2.txt: cannot be written")
    assert listing(tmp_path) == ["f", "parts"] if there else ["f"]
    assert not there or listing(tmp_path / "parts") == []
    assert dli_hosts(*arguments, cwd=tmp_path).status == 0


def test_many_connections_in_a_request(tmp_path: Path) -> None:
    """`--split` with `--as request` gives an array of bodies whose names end in `_1`, `_2`."""
    (tmp_path / "f").write_bytes(MANY + b"10.30.0.1 last\n")
    options = ("--as", "request", "--name", "mrs", "--vpc", "v", "--subnet", "s")
    assert dli_hosts("emit", "f", *options, cwd=tmp_path).status == 1
    bodies = json.loads(dli_hosts("emit", "f", *options, "--split", cwd=tmp_path).raw)
    assert [(body["name"], len(body["hosts"])) for body in bodies] == [("mrs_1", 20_000), ("mrs_2", 1)]
    assert [list(body) for body in bodies] == [["name", "dest_vpc_id", "dest_network_id", "hosts"]] * 2


@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONUNBUFFERED": "1"},
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "latin-1", "PYTHONUNBUFFERED": "1"},
        {"PYTHONIOENCODING": "utf-16"},
    ],
)
def test_output_is_utf8_with_lf(env: dict[str, str], tmp_path: Path) -> None:
    """Output is UTF-8 with LF, whatever the locale and the interpreter's own settings say."""
    (tmp_path / "f").write_bytes("10.20.0.1 h\u00f6st\r\n10.20.0.2 x\r\n".encode())
    outcome = dli_hosts("check", "f", cwd=tmp_path, env=env)
    assert (outcome.status, outcome.err) == (1, "")
    assert "h\u00f6st" in outcome.out
    assert b"\r" not in outcome.raw
