"""How a list lies: its ready records by network and names, its findings over the lines."""

from __future__ import annotations

from collections import Counter
from ipaddress import ip_network

from agreement import written
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer import check, read
from importer.checking.options import CheckOptions
from importer.checking.pipeline import survey
from importer.checking.policy import Policy
from importer.checking.spread import Spread
from importer.checking.stretches import MOST

LINES = [
    "10.0.0.1 a{n}",
    "10.0.1.2 b{n} c{n}",
    "10.9.{n}.1 d{n}",
    "10.0.0.256 a{n}",
    "10.0.0.3 {n}",
    "10.0.0.4 e_{n}",
    "10.0.0.5 kafka01",
    "127.0.0.1 a1 b2",
    "127.0.0.1 real{n}.example.com",
    "fd00::1 a{n}",
    "# remark",
    "",
]
TEXTS = st.lists(st.sampled_from(LINES), min_size=1, max_size=40).flatmap(
    lambda lines: st.integers(1, 20).map(
        lambda times: "".join(f"{line.format(n=n % 250)}\n" for n, line in enumerate(lines * times))
    )
)


def spread_of(text: str) -> Spread:
    """How a list in hosts syntax lies."""
    with written(text.encode()) as names:
        _, spread = survey(read(*names), Policy.of(CheckOptions()), spread=True)
    assert spread is not None
    return spread


@examples(0.25)
@given(text=TEXTS)
def test_stretches_count_every_finding(text: str) -> None:
    """Each error and each warning is counted once, in the stretch of its line; infos are not."""
    (stretches,) = spread_of(text).stretches
    lines = text.count("\n")
    assert stretches.width == 1 or lines > MOST * stretches.width // 2
    expected: dict[str, Counter[int]] = {"error": Counter(), "warning": Counter(), "info": Counter()}
    with written(text.encode()) as names:
        found = check(read(*names), max_findings=0).report.findings
    for one in found:
        if isinstance(one.line, int) and one.code != "R118":  # told of the source, at its first line
            expected[one.severity.label][(one.line - 1) // stretches.width] += 1
    for kind, told in (("error", stretches.errors), ("warning", stretches.warnings)):
        assert Counter({at: number for at, number in enumerate(told) if number}) == expected[kind]


@examples(0.15)
@given(text=TEXTS)
def test_ready_records_by_network_and_by_names(text: str) -> None:
    """The networks and the names for each address are those of the hosts that are sent."""
    spread = spread_of(text)
    with written(text.encode()) as names:
        hosts = check(read(*names)).hosts
    names = Counter(hosts["ip"])
    networks = Counter(str(ip_network(f"{ip}/24", strict=False)) for ip in hosts["ip"])
    assert sum(one.records for one in spread.networks) == len(hosts)
    assert sum(one.addresses for one in spread.networks) == len(names)
    named = {one.cidr: one.records for one in spread.networks if one.cidr}
    assert named.items() <= networks.items()
    assert sorted(named.values(), reverse=True) == [number for _, number in networks.most_common(len(named))]
    assert dict(spread.names) == Counter(str(n) if n < 5 else "5 or more" for n in names.values())
