"""Laws that hold for every input: what the oracle says, what block sizes and options may not change."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import strategies as some
from agreement import assert_agreement, assert_balanced, checked, outcome, report_of, written
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples
from reasons import at_severity, finding_at, without

from importer.checking.catalogue import RULES
from importer.checking.findings import Rule, Severity
from importer.checking.options import CheckOptions
from importer.checking.policy import Policy
from importer.errors import UsageError
from importer.reading.read import read

BLOCK_SIZES = st.sampled_from([1, 7, 64, 1 << 20])
WORKERS = st.sampled_from([1, 2, 4])
HOSTS = {"syntax": "hosts"}


@examples()
@given(st.lists(some.hosts_texts(), min_size=1, max_size=3), BLOCK_SIZES, some.check_options())
def test_hosts_syntax(texts: list[bytes], block: int, options: dict[str, Any]) -> None:
    """One file or several in hosts syntax are judged as the oracle judges them."""
    assert_agreement(texts, options, HOSTS, **HOSTS, encoding="utf-8", block_size=block)


@examples()
@given(st.lists(some.crowded_texts(), min_size=1, max_size=2), BLOCK_SIZES, some.duplicate_options())
def test_duplicates(texts: list[bytes], block: int, options: dict[str, Any]) -> None:
    """Records that repeat and contradict each other end as the oracle says, limits and all."""
    assert_agreement(texts, options, HOSTS, **HOSTS, block_size=block)


@pytest.mark.parametrize("block", [1, 1 << 20])
def test_an_underscore_is_no_capital(block: int) -> None:
    """A name with an underscore is spelled alike wherever it stands, beside capitals or far from them."""
    text = b"10.0.0.1 a_b\n10.0.0.1 a_b A\n"
    assert_agreement([text], {}, HOSTS, **HOSTS, block_size=block)


def test_a_record_refused_for_its_address_is_no_first_record() -> None:
    """A pair that D304 refused is not what a later record of the same pair is merged into."""
    text = b"10.0.0.1 a\n10.0.0.2 b\n10.0.0.2 a\n10.0.0.2 a\n"
    assert_agreement([text], {"on_conflict": "keep", "levels": {"D304": "error"}}, HOSTS, **HOSTS)


def test_a_quoted_cell_is_no_comment() -> None:
    """A row is a comment where `#` begins it, not where a quoted cell does that begins with `#`."""
    shape = some.Shape()
    text = b'ip,name\n"#x",a\n10.0.0.1,b\n #x,a\n'
    assert_agreement([text], {}, shape.for_oracle(), **shape.for_reader())


@pytest.mark.parametrize("quotes", [True, False])
@examples()
@given(st.data(), BLOCK_SIZES, some.check_options())
def test_csv(quotes: bool, data: st.DataObject, block: int, options: dict[str, Any]) -> None:
    """Comma-separated text with a header is judged as the oracle judges it, whichever way it is read."""
    shape = some.Shape(quotes=quotes)
    texts = data.draw(st.lists(some.delimited_texts(shape), min_size=1, max_size=2))
    assert_agreement(
        texts, options, shape.for_oracle(), **shape.for_reader(), encoding="utf-8", block_size=block
    )


@examples()
@given(some.shapes(), st.data(), BLOCK_SIZES, some.check_options())
def test_delimited_text(shape: some.Shape, data: st.DataObject, block: int, options: dict[str, Any]) -> None:
    """Other delimiters, other orders of columns, and columns told by number change no judgement."""
    text = data.draw(some.delimited_texts(shape))
    assert_agreement(
        [text], options, shape.for_oracle(), **shape.for_reader(), encoding="utf-8", block_size=block
    )


@examples(2)
@given(
    some.any_texts(),
    st.tuples(BLOCK_SIZES, WORKERS),
    st.tuples(BLOCK_SIZES, WORKERS),
    st.sampled_from([16, 48, 1 << 20]),
    some.check_options(),
)
def test_block_size_and_workers(
    text: bytes, one: tuple[int, int], other: tuple[int, int], longest: int, options: dict[str, Any]
) -> None:
    """Blocks and threads change nothing at all: not a word of the report, nor of a refusal to read."""
    options = {**options, "excerpts": True}
    said = [
        outcome(text, options, block_size=size, workers=workers, max_line=longest)
        for size, workers in (one, other)
    ]
    assert said[0] == said[1]


@examples()
@given(some.hosts_texts(), BLOCK_SIZES)
def test_every_line_of_hosts_syntax_is_accounted_for(text: bytes, block: int) -> None:
    """A line is blank or a comment, or has an address, present or missing; what R112 refuses is one more."""
    with written(text) as names:
        for batch in read(*names, syntax="hosts", encoding="utf-8", block_size=block):
            lines = [batch.places.place(at)[0] for at in batch.ip_at.tolist()]
            assert batch.lines == batch.blank + len(set(lines))
            assert len(lines) == len(batch.ip) <= 2 * len(set(lines))


@examples()
@given(st.lists(some.crowded_texts(), min_size=1, max_size=3), some.check_options())
def test_several_files_are_one_list(texts: list[bytes], options: dict[str, Any]) -> None:
    """Several files have the totals, counts and hosts of one file that holds them all."""
    with written(*texts, b"".join(texts)) as names:
        parts, hosts = checked(names[:-1], options, syntax="hosts")
        whole, same = checked(names[-1:], options, syntax="hosts")
    assert parts.totals == whole.totals
    assert parts.counts == whole.counts
    assert list(hosts.pairs()) == list(same.pairs())


@examples()
@given(some.any_texts(), st.integers(1, 5), BLOCK_SIZES, some.check_options())
def test_most_findings_kept(text: bytes, most: int, block: int, options: dict[str, Any]) -> None:
    """How many findings are kept changes no total and no count, and the kept ones are each code's first."""
    everything = outcome(text, options)
    some_of_it = outcome(text, {**options, "max_findings": most}, block_size=block)
    if isinstance(everything, str) or isinstance(some_of_it, str):
        assert everything == some_of_it
        return
    seen: Counter[str] = Counter()
    kept = []
    for finding in everything.findings:
        seen[finding.code] += 1
        if seen[finding.code] <= most:
            kept.append(finding)
    assert some_of_it == replace(everything, findings=tuple(kept))
    assert some_of_it.truncated == any(number > most for number in everything.counts.values())


# -- severities

LOWERED = [rule for rule in RULES if rule.severity < Severity.ERROR]


@examples()
@given(some.any_texts(), st.sampled_from(LOWERED), some.neutral_options())
def test_hidden(text: bytes, rule: Rule, options: dict[str, Any]) -> None:
    """To hide an info or a warning removes its findings and its count, and changes nothing else."""
    base = outcome(text, options)
    hidden = outcome(text, {**options, "levels": {rule.code: "ignore"}})
    if not isinstance(base, str):
        base = without(base, rule.code)
    assert hidden == base


@examples()
@given(some.any_texts(), st.sampled_from(LOWERED), some.neutral_options())
def test_a_warning_instead_of_an_info(text: bytes, rule: Rule, options: dict[str, Any]) -> None:
    """To make an info a warning changes the severity of its findings, and nothing else."""
    base = outcome(text, options)
    warned = outcome(text, {**options, "levels": {rule.code: "warn"}})
    if not isinstance(base, str):
        base = at_severity(base, rule.code, Severity.WARNING)
    assert warned == base


@examples()
@given(some.any_texts(), st.sampled_from([r for r in LOWERED if r.code[0] in "RNF"]), some.neutral_options())
def test_raised_to_an_error(text: bytes, rule: Rule, options: dict[str, Any]) -> None:
    """A record whose finding is raised to error is refused, and every other one is told the same."""
    base = outcome(text, options)
    raised = outcome(text, {**options, "levels": {rule.code: "error"}})
    if isinstance(base, str) or isinstance(raised, str):
        assert raised == base
        return
    alone = [f for f in base.findings if f.code[0] not in "DL"]
    expected = [finding_at(f, rule.code, Severity.ERROR) for f in alone]
    assert [f for f in raised.findings if f.code[0] not in "DL"] == expected
    assert raised.totals.records == base.totals.records
    if rule.code not in base.counts:
        assert raised == base
    elif rule.fate:
        assert raised.totals.skipped < base.totals.skipped
        assert raised.totals.refused > base.totals.refused


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_fixed_rules(rule: Rule) -> None:
    """A fixed rule can be neither hidden nor lowered, any rule can be raised, and no rule can be both."""
    Policy.of(CheckOptions(error=(rule.code.lower(),)))
    for options in (CheckOptions(ignore=(rule.code,)), CheckOptions(warn=(rule.code,))):
        if rule.fixed:
            with pytest.raises(UsageError):
                Policy.of(options)
        else:
            Policy.of(options)
    with pytest.raises(UsageError):
        Policy.of(CheckOptions(ignore=(rule.code,), warn=(rule.code,), error=(rule.code,)))


def test_balance_of_the_empty_file() -> None:
    """A file of nothing balances too: no line, no record, and L402."""
    report = report_of(b"")
    assert_balanced(report)
    assert report.counts == {"L402": 1}
