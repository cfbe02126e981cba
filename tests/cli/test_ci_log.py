"""A CI log shows what a list says, and a CI runner finds no command in it; JSON is ASCII throughout."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples
from submitting import CONNECTION

from importer.cli.main import main
from importer.planning.plan import Plan, plan_lines, plan_request
from importer.planning.plan_reading import read_plan
from importer.rendering.pretty import json_text, pretty
from importer.rendering.reports import FORMATS
from importer.rendering.terminal import without_commands
from importer.shown import json_safe

SIGNS = ("::", "##vso[", "##[")
RUNNERS = ("GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD")
PAYLOADS = {
    "::": "::error file=x::gone",
    "##vso[": "##vso[task.setvariable variable=x]y",
    "##[": "##[error]gone",
}
Says = pytest.CaptureFixture[str]


def commands_in(text: str) -> list[str]:
    """The lines that a runner would take for commands, be they coloured or indented."""
    found = []
    for line in text.splitlines():
        bare = line.strip()
        while bare.startswith("\x1b["):
            bare = bare.partition("m")[2].lstrip()
        if bare.startswith("::") or "##vso[" in bare or "##[" in bare:
            found.append(line)
    return found


def runs(name: str) -> list[tuple[str, ...]]:
    """The command on a file of this name, by each way out."""
    reports = [("check", name, "--output-format", form, "-v") for form in FORMATS if form not in OWN]
    return [
        *reports,
        ("check", name, "missing", "--each"),
        ("check", name, "--statistics"),
        ("emit", name, "--as", "csv", "--skip-refused"),
        ("emit", name, "--as", "request", *CONNECTION, "--skip-refused"),
        ("emit", name, "--as", "request", *CONNECTION),
        ("plan", name, *CONNECTION, "--skip-refused"),
        ("plan", name, *CONNECTION, "--skip-refused", "--output-format", "json"),
        ("plan", name, *CONNECTION, "--skip-refused", "-o", "-"),
        ("plan", name, *CONNECTION, "--output-format", "json"),
        ("check", f"{name}.missing"),
        ("check", "jobs.toml"),
        ("plan", "jobs.toml"),
        ("check", name, "--on-conflict", PAYLOADS["::"]),
        ("status", name),
        ("explain", name),
    ]


OWN = ("github", "azure")


@pytest.mark.parametrize(("runner", "sign"), list(zip(RUNNERS, SIGNS, strict=True)))
def test_no_command_of_a_runner(
    runner: str, sign: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Says
) -> None:
    """Names of files and cells that begin as commands do are broken wherever they are shown."""
    payload = PAYLOADS[sign]
    name = payload.replace("/", "")
    monkeypatch.chdir(tmp_path)
    for variable in RUNNERS:
        monkeypatch.delenv(variable, raising=False)
    rows = [f"10.0.0.1,{payload}", "10.0.0.2,good", f"{payload},bad", f'10.0.0.3,"{payload}\n{payload}"']
    Path(name).write_text("ip,name\n" + "\n".join(rows) + "\n", "utf-8")
    Path("jobs.toml").write_text(
        "[[connection]]\n" + "".join(f'{key} = "{payload}"\n' for key in ("name", "vpc", "subnet", "colour"))
    )
    plain = [outputs(arguments, capsys) for arguments in runs(name)]
    assert any(commands_in(text) for text in plain)
    monkeypatch.setenv(runner, "true")
    for arguments in runs(name):
        text = outputs(arguments, capsys)
        assert text
        assert commands_in(text) == [], arguments
    for form in OWN:
        lines = commands_in(outputs(("check", name, "--output-format", form), capsys))
        assert lines
        assert all(
            line.startswith(("::error ", "::warning ", "::notice ", "##vso[task.logissue ")) for line in lines
        )


def outputs(arguments: tuple[str, ...], capsys: Says) -> str:
    """Everything that a run shows."""
    status: Any = None
    try:
        status = main(list(arguments))
    except SystemExit as ended:
        status = ended.code
    assert status in (0, 1, 2)
    told = capsys.readouterr()
    return told.out + told.err


texts = st.text(max_size=12) | st.sampled_from(
    [
        "\x7f",
        "\x80\x9b",
        "\u202e",
        "\u200b",
        "\u2028",
        "\ud800",
        "\U000e0041",
        *PAYLOADS.values(),
        "\\##[x",
        "###[x",
    ]
)
values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@examples(0.8)
@given(values)
def test_json_is_ascii(value: Any) -> None:
    """Whatever is written, it means the same, is printable ASCII, and has no command of a runner."""
    for text in (json_text(value), json_text(value, 2), "".join(pretty(value, 2))):
        assert text.isascii()
        assert text.replace("\n", "").isprintable()
        assert commands_in(text) == []
        assert json.loads(text) == json.loads(json.dumps(value))
    assert json_safe(json.dumps(value, indent=2)) == "".join(pretty(value, 2))


@examples(0.4)
@given(st.lists(texts, max_size=3))
def test_plans_are_ascii(sources: list[str]) -> None:
    """Plan files show nothing of a file's name but ASCII, and are read again as they were written."""
    body = {"name": "mrs", "dest_vpc_id": "V", "dest_network_id": "##[error]", "hosts": []}
    text = "".join(plan_lines(Plan((plan_request(body, sources),))))
    assert text.isascii()
    assert text.replace("\n", "").isprintable()
    assert commands_in(text) == []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.plan")
        path.write_text(text, "ascii")
        (again,) = read_plan(str(path)).requests
    assert again.sources == tuple(sources)
    assert again.body == body


@given(texts)
def test_a_line_is_broken_once(text: str) -> None:
    """A line without a command stays as it is, and a broken one has none."""
    line = text.replace("\n", "")
    assert commands_in(without_commands(line)) == []
    if not commands_in(line):
        assert without_commands(line) == line
