"""The tables of report formats and of forms: each row is complete, and a run keeps what its reports need."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples
from reasons import reasons_of

from importer.checking.catalogue import BY_CODE, RULES
from importer.checking.findings import Finding, Rule, Severity
from importer.checking.report import Report, Totals
from importer.rendering import forms, reports
from importer.rendering.forms import FORMS
from importer.rendering.reports import FORMATS, Look, Needs, needs_of, part_for, report_in

FINDINGS = st.lists(st.tuples(st.sampled_from(RULES), st.integers(1, 9)), max_size=40)
SEVERITIES = st.fixed_dictionaries({rule.code: st.sampled_from(Severity) for rule in RULES})


def report_of(found: list[tuple[Rule, int]], severities: dict[str, Severity]) -> Report:
    """A report with these findings, all of them kept."""
    findings = tuple(
        Finding(rule=rule, severity=severities[rule.code], source="f", line=line, column=1)
        for rule, line in found
    )
    counts = Counter(finding.code for finding in findings)
    return Report(
        sources=(),
        totals=Totals(0, 0, 0, 0, 0, 0),
        reasons=reasons_of(counts, severities),
        findings=findings,
    )


def modules(room: Path) -> set[str]:
    """The modules of a room but its table."""
    return {path.stem for path in room.glob("*.py")} - {"__init__"}


def test_each_module_has_a_row() -> None:
    """Each row names a module beside the table, and no module is without a row."""
    assert modules(Path(reports.__file__).parent) == {row.module for row in FORMATS.values()}
    assert modules(Path(forms.__file__).parent) == {form.module for form in FORMS.values()}


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_writes(name: str) -> None:
    """Each format writes the report of an empty list as text that ends with a line end."""
    assert "".join(report_in(name, report_of([], {}))).endswith("\n")


@pytest.mark.parametrize("name", FORMS)
def test_each_form_writes(name: str) -> None:
    """A form of any number of hosts has a head and lines, any other one a document of bodies."""
    form, writer = FORMS[name], FORMS[name].load()
    if form.unlimited:
        assert isinstance(writer.HEAD, bytes)
        assert callable(writer.lines)
        assert not form.connection
        assert not form.suffix
        return
    body = {
        "name": "mrs",
        "dest_vpc_id": "v",
        "dest_network_id": "s",
        "hosts": [{"ip": "10.0.0.1", "name": "k"}],
    }
    text = "".join(writer.document([body]))
    assert text.endswith("\n")
    assert "10.0.0.1" in text


def test_several_bodies() -> None:
    """Several connections are one document where the form has no file for each of them."""
    bodies = [
        {"name": name, "dest_vpc_id": "v", "dest_network_id": "s", "hosts": [{"ip": "10.0.0.1", "name": "k"}]}
        for name in ("a", "b")
    ]
    document = FORMS["request"].load().document
    assert json.loads("".join(document(bodies))) == bodies
    assert json.loads("".join(document(bodies[:1]))) == bodies[0]
    one_for_all = [name for name, form in FORMS.items() if form.connection and not form.suffix]
    assert one_for_all == ["request", "terraform"]


@pytest.mark.parametrize(
    ("names", "limit", "verbose", "needs"),
    [
        (["text"], None, False, Needs(50, 1, True)),
        (["text"], None, True, Needs(50, None, True)),
        (["json"], None, False, Needs(10_000, None, False)),
        (["text", "json"], None, False, Needs(10_000, None, True, 50)),
        (["text", "json", "html"], None, False, Needs(10_000, None, True, 200, True)),
        (["github", "html"], 0, False, Needs(0, None, True, None, True)),
        (["json", "text"], 7, False, Needs(7, None, True)),
        (["text"], 0, False, Needs(0, 1, True)),
    ],
)
def test_needs(names: list[str], limit: int | None, verbose: bool, needs: Needs) -> None:
    """A run keeps what the most demanding of its reports needs; `--max-findings` goes before all limits."""
    assert needs_of(names, limit, verbose=verbose) == needs


@examples()
@given(
    found=FINDINGS,
    severities=SEVERITIES,
    most=st.integers(0, 4),
    infos=st.sampled_from([None, 1, 2]),
)
def test_part_for_one_format(
    found: list[tuple[Rule, int]], severities: dict[str, Severity], most: int, infos: int | None
) -> None:
    """A format is given the first findings of each rule, in order, as if no other format were asked for."""
    report = report_of(found, severities)
    part = part_for(report, Needs(most, infos, True))
    expected = []
    for number, finding in enumerate(report.findings):
        earlier = sum(other.code == finding.code for other in report.findings[:number])
        limit = infos if finding.severity == Severity.INFO and infos is not None else most
        if limit == 0 or earlier < limit:
            expected.append(finding)
    assert part.findings == tuple(expected)
    assert (part.counts, part.totals) == (report.counts, report.totals)


def test_look() -> None:
    """A format takes from the look what it can use: JSON takes `strict`, text takes colours."""
    report = report_of([(BY_CODE["R107"], 1)], {"R107": Severity.WARNING})
    assert json.loads("".join(report_in("json", report)))["ok"] is True
    assert json.loads("".join(report_in("json", report, Look(strict=True))))["ok"] is False
    assert "\x1b[" not in "".join(report_in("text", report))
    assert "\x1b[" in "".join(report_in("text", report, Look(colour=True)))
