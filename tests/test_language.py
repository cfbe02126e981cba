"""What people read is there in each language, whole, and in the one that was asked for."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from command import ROOT
from hypothesis import given
from hypothesis import strategies as st
from messages import CATALOGUE, catalogue, compiled, messages
from profiles import examples

from importer.checking.catalogue import RULES
from importer.cli.main import main
from importer.language import CHINESE, ENGLISH, chosen, plural, said, speak, spoken, translated, worded
from importer.rendering.terminal import width_of
from importer.rendering.wrapping import wrapped

SAMPLES = sorted((ROOT / "samples" / "bad").iterdir())
TRANSLATED = {str(one.id): str(one.string) for one in catalogue() if one.id}


def placeholders(text: str) -> list[str]:
    """What a sentence is filled with, by `%` or by braces."""
    if re.search(r"%[(srd]", text):
        return sorted(re.findall(r"%(?:\(\w+\))?[srd]", text))
    try:
        return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)
    except ValueError:  # a text with braces that is not a template
        return []


def test_nothing_is_missing() -> None:
    """Each sentence that is said has its translation, and nothing else is in the catalogue."""
    assert sorted(messages()) == sorted(TRANSLATED)
    assert [source for source, text in TRANSLATED.items() if not text] == []


@pytest.mark.parametrize("source", sorted(TRANSLATED))
def test_the_same_facts(source: str) -> None:
    """A translation has the facts of its sentence; a relative clause may leave out a verb of English."""
    wanted, there = placeholders(source), placeholders(TRANSLATED[source])
    assert there == [name for name in wanted if name in there]
    assert set(wanted) - set(there) <= {"rest"}


def test_the_compiled_file_is_up_to_date() -> None:
    """What gettext reads is made of what people read; `python tests/support/messages.py` makes it anew."""
    assert CATALOGUE.with_suffix(".mo").read_bytes() == compiled(catalogue())


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        ([], {}, ENGLISH),
        ([], {"LANG": "zh_CN.UTF-8"}, CHINESE),
        ([], {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, ENGLISH),
        ([], {"LC_MESSAGES": "zh_TW.Big5", "LANG": "en_US"}, CHINESE),
        ([], {"DLI_HOSTS_LANG": "en", "LANG": "zh_CN"}, ENGLISH),
        ([], {"DLI_HOSTS_LANG": "zh"}, CHINESE),
        ([], {"LANG": "zha"}, ENGLISH),
        (["check", "--lang", "zh"], {"DLI_HOSTS_LANG": "en"}, CHINESE),
        (["check", "--lang=en"], {"LANG": "zh_CN"}, ENGLISH),
        (["check", "--lang"], {"LANG": "de_DE"}, ENGLISH),
    ],
)
def test_which_language(arguments: list[str], environment: dict[str, str], language: str) -> None:
    """The option goes before the variable, and the variable before the locale."""
    assert chosen(arguments, environment) == language


@pytest.mark.parametrize("rule", RULES, ids=[rule.code for rule in RULES])
def test_rules(rule: object, capsys: pytest.CaptureFixture[str]) -> None:
    """`explain` is in Chinese, but for codes, options and names."""
    code = rule.code  # type: ignore[attr-defined]
    assert main(["explain", code, "--lang", "zh"]) == 0
    text = re.sub(r"```.*?```|`[^`]*`", "", capsys.readouterr().out, flags=re.DOTALL)
    told = re.sub(r"^# .*$", "", text, flags=re.MULTILINE)
    assert "## 何时报告" in told
    assert re.findall(r"\b(?:the|is|of|and|which|not)\b", told) == []
    assert spoken() == ENGLISH


@pytest.mark.parametrize("sample", SAMPLES, ids=[path.name for path in SAMPLES])
def test_reports(sample: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A report in Chinese has no English sentence, and the same codes and places as the one in English."""
    first = sample.read_bytes()[:200].decode("utf-8", "replace").split("\n", 1)[0]
    options = first.removeprefix("# options: ").split() if first.startswith("# options: ") else []
    shown = {}
    for language in (ENGLISH, CHINESE):
        command = ["check", str(sample), "-v", "--output-format", "concise", "--lang", language]
        status = main([*command, *options])
        shown[language] = status, capsys.readouterr().out
    place = rf"{re.escape(str(sample))}(?::\d+)*(?::[A-Z]+)?: [A-Z]\d\d\d "
    assert shown[ENGLISH][0] == shown[CHINESE][0]
    assert re.findall(place, shown[ENGLISH][1]) == re.findall(place, shown[CHINESE][1])
    told = re.sub(r"'[^']*'|dli-hosts .*$", "", shown[CHINESE][1], flags=re.MULTILINE)
    assert re.findall(r"\b(?:the|is|are|of|and|which|not|has)\b", told) == []


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    """The help of each verb is in Chinese, and no line is wider than the terminal."""
    for verb in ("check", "emit", "plan", "submit", "fix", "pull", "status"):
        with pytest.raises(SystemExit):
            main([verb, "--help", "--lang", "zh"])
        text = capsys.readouterr().out
        assert text.startswith("用法：")
        assert max(map(width_of, text.split("\n"))) <= 80
        assert re.findall(r"\b(?:the|is|of|and|which|not)\b", text) == []


@examples(0.5)
@given(st.text(st.sampled_from("ab-文字，。 （）"), max_size=80), st.integers(4, 40))
def test_wrapping(text: str, columns: int) -> None:
    """Nothing is lost but blanks, and a line is too wide only where it is a single piece."""
    lines = wrapped(text, columns)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    for line in lines:
        assert width_of(line) <= columns or not re.search(
            r"[a-z-] [a-z-]|[文字][文字a-z-]|[a-z-][文字]", line
        )


def test_said() -> None:
    """Facts stand in a sentence as they are given, in either language; an unknown sentence stays as it is."""
    try:
        speak(CHINESE)
        assert said("line {number}", number=3) == "第 3 行"
        assert plural(20_000, "record") == "20,000 条记录"
        assert plural(2, "thing that nobody says") == "2 thing that nobody sayss"
        assert said("nobody says {this}", this="{that}") == "nobody says {that}"
    finally:
        speak(ENGLISH)
    assert plural(1, "record") == "1 record"
    assert worded("line {number}", {"number": 3}, CHINESE) == "第 3 行"
    assert translated("line {number}") == "line {number}"
