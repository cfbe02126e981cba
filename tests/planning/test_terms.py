"""What a list must satisfy to be sent: which findings forbid it, and what is said about them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples
from reasons import reasons_of

from importer import limits
from importer.checking.catalogue import BY_CODE, RULES
from importer.checking.findings import Severity
from importer.checking.report import Report, Totals
from importer.planning.terms import KEYS, OPTIONS, Terms

CODES = st.dictionaries(st.sampled_from(sorted(BY_CODE)), st.sampled_from(Severity), max_size=6)
TERMS = st.builds(
    Terms,
    strict=st.booleans(),
    skip_refused=st.booleans(),
    split=st.booleans(),
    on_conflict=st.sampled_from(["refuse", "first"]),
)


def report_of(severities: dict[str, Severity]) -> Report:
    """A report that counts one finding of each code, at this severity."""
    return Report(
        sources=(),
        totals=Totals(0, 0, 0, 0, 0, 0),
        reasons=reasons_of(dict.fromkeys(severities, 1), severities),
        findings=(),
    )


@examples()
@given(severities=CODES, terms=TERMS)
def test_blocking(severities: dict[str, Severity], terms: Terms) -> None:
    """Errors forbid to send, and with `strict` warnings too; `skip_refused` settles refused records only."""
    unsettled = {rule.code for rule in RULES if rule.settled_by != "skip_refused"}
    errors = {code for code, of in severities.items() if of == Severity.ERROR}
    warnings = {code for code, of in severities.items() if of == Severity.WARNING}
    expected = (errors & unsettled if terms.skip_refused else errors) | (warnings if terms.strict else set())
    assert set(terms.blocking(report_of(severities))) == expected


@examples()
@given(severities=CODES, terms=TERMS)
def test_each_way_settles(severities: dict[str, Severity], terms: Terms) -> None:
    """`--skip-refused` is named exactly where saying it leaves less that forbids to send."""
    report = report_of(severities)
    fewer = terms._replace(skip_refused=True).blocking(report) != terms.blocking(report)
    assert (OPTIONS["skip_refused"] in terms.why_not(report)) is fewer
    assert (KEYS["skip_refused"] in terms.why_not(report, KEYS)) is fewer


@pytest.mark.parametrize(
    ("severities", "terms", "told"),
    [
        (
            {"N103": Severity.ERROR, "D303": Severity.ERROR},
            Terms(),
            "2 rules broken (N103, D303); --skip-refused goes on without the refused records; "
            "--on-conflict says which address wins",
        ),
        (
            {"L401": Severity.ERROR},
            Terms(skip_refused=True),
            "1 rule broken (L401); --split makes several connections of the list",
        ),
        (
            {"N112": Severity.WARNING},
            Terms(strict=True),
            "1 rule broken (N112); without --strict warnings do not count",
        ),
        ({"L402": Severity.ERROR}, Terms(), "1 rule broken (L402)"),
        ({"D303": Severity.WARNING}, Terms(strict=True, on_conflict="first"),
         "1 rule broken (D303); without --strict warnings do not count"),
    ],
)  # fmt: skip
def test_why_not(severities: dict[str, Severity], terms: Terms, told: str) -> None:
    """The sentence names the rules that forbid to send and the options that settle them."""
    assert terms.why_not(report_of(severities)) == told


def test_several() -> None:
    """A list fills several connections only where it may, and only where one does not hold it."""
    assert Terms(split=True).several(limits.MAX_HOSTS + 1)
    assert not Terms(split=True).several(limits.MAX_HOSTS)
    assert not Terms().several(limits.MAX_HOSTS + 1)
