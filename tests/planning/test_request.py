"""The border to the service: every limit of its create page, and the same hosts on both sides of it."""

from __future__ import annotations

import re
import string
from typing import Any

import pytest
import strategies as some
from agreement import checked, written
from hypothesis import assume, given
from hypothesis import strategies as st
from profiles import examples

from importer import limits
from importer.errors import ConnectionInvalid, InputError
from importer.planning.connection import make_connection, split_tag
from importer.planning.request import Connection, CreateRequest, Host, Tag, build_request

GIVEN = {"name": "mrs_01", "vpc": "vpc-1", "subnet": "net-1"}


def connection(**fields: Any) -> Connection:
    """A connection with these fields beside the ones it must have."""
    return make_connection(GIVEN | fields)


def refused(**fields: Any) -> bool:
    """Whether there can be no connection with these fields."""
    try:
        connection(**fields)
    except ConnectionInvalid:
        return True
    return False


# -- the connection

NAMES = st.one_of(
    st.text(string.ascii_letters + string.digits + "_", max_size=70),
    st.text(string.ascii_letters + "_-. \n٣é", max_size=6),
)


@examples()
@given(NAMES)
def test_connection_name(name: str) -> None:
    """A name is 1 to 64 letters, digits and underscores: no line end, no other script's digits."""
    assert refused(name=name) == (re.fullmatch(r"[A-Za-z0-9_]{1,64}", name) is None)
    assert refused(name=name + "\n")


@pytest.mark.parametrize("field", ["name", "vpc", "subnet"])
def test_needed_fields(field: str) -> None:
    """Without a name, a VPC or a subnet there is no connection, and the error says which one is missing."""
    with pytest.raises(ConnectionInvalid, match=f"lacks {field}"):
        make_connection({key: value for key, value in GIVEN.items() if key != field})
    assert refused(**{field: ""})
    assert refused(**{field: None})
    assert refused(**{field: 5})


def test_other_fields() -> None:
    """Unknown fields, empty pools, queues and route tables, and the default queue are refused."""
    assert refused(vcp="x")
    assert refused(pools=[""])
    assert refused(queues=[""])
    assert refused(route_table="")
    assert refused(queues=["q1", "default"])
    assert not refused(pools=["default"], queues=["Default"], route_table="default")


# -- tags

CHARACTERS = st.one_of(st.characters(codec="utf-8"), st.sampled_from("_.:=+-@ aZ9éЖ主٣½²*/,<>&|#"))
TAG_TEXTS = st.one_of(
    st.text(CHARACTERS, max_size=4),
    st.builds(lambda c, n: c * n, st.sampled_from("a主"), st.integers(126, 257)),
)


def allowed(text: str, most: int) -> bool:
    """Letters and decimal digits of any language, spaces inside, and the seven marks."""
    return (
        len(text) <= most
        and text == text.strip(" ")
        and all(c.isalpha() or c.isdecimal() or c in "_.:=+-@ " for c in text)
    )


def accepts_tag(key: str, value: str) -> bool:
    """Whether there can be such a tag."""
    try:
        Tag(key=key, value=value)
    except ConnectionInvalid:
        return False
    return True


@examples(5)
@given(TAG_TEXTS, TAG_TEXTS)
def test_tags(key: str, value: str) -> None:
    """A key has 1 to 128 characters, a value up to 255, of any language, with no space at an edge."""
    good = allowed(key, 128) and key != "" and not key.startswith("_sys_")
    assert accepts_tag(key, "v") == good
    assert accepts_tag("k", value) == allowed(value, 255)
    assert accepts_tag(key, value) == (good and allowed(value, 255))


def test_keys_of_the_service() -> None:
    """A key that begins with `_sys_` is the service's own; the same letters elsewhere are not."""
    assert not accepts_tag("_sys_x", "")
    assert not accepts_tag("_sys_", "")
    assert accepts_tag("x_sys_", "_sys_x")
    assert accepts_tag("_SYS_x", "")


def test_tag_keys_differ() -> None:
    """A key is given once, in a list or a TOML table, and `KEY=VALUE` splits at the first `=`."""
    assert refused(tags=[{"key": "a", "value": "1"}, {"key": "a", "value": "2"}])
    assert not refused(tags=[{"key": "a", "value": "1"}, {"key": "A", "value": "1"}])
    table = connection(tags={"a": "1", "b": ""})
    assert table == connection(tags=[{"key": "a", "value": "1"}, {"key": "b", "value": ""}])
    assert split_tag("a=b=c") == {"key": "a", "value": "b=c"}
    with pytest.raises(ConnectionInvalid):
        split_tag("a")


def test_warnings() -> None:
    """Queues, more than 20 tags, an empty value and `=` in a tag are taken, with a warning each."""
    tags = {f"k{i}": "v" for i in range(20)}
    assert list(connection(tags=tags).warnings()) == []
    assert len(list(connection(tags={**tags, "empty": ""}, queues=["q"]).warnings())) == 3
    assert len(list(connection(tags={"a": "="}).warnings())) == 1


def test_numbered() -> None:
    """The connections of a split list have numbers behind the name, which stays within 64."""
    assert connection().numbered(12).name == "mrs_01_12"
    assert connection(name="x" * 62).numbered(9).name == "x" * 62 + "_9"
    with pytest.raises(ConnectionInvalid, match="at most 64 characters"):
        connection(name="x" * 62).numbered(10)


# -- hosts

HOST_NAMES = st.one_of(
    st.text(limits.NAME_BYTES.decode(), max_size=5),
    st.text(CHARACTERS, max_size=3),
    some.NAMES.map(lambda name: name.decode("utf-8", "ignore")),
    st.builds(lambda n: "x" * n, st.integers(126, 130)),
)
HOST_IPS = st.one_of(
    st.ip_addresses(v=4).map(str),
    some.ADDRESSES.map(lambda ip: ip.decode("utf-8", "ignore")),
    st.text(max_size=3),
)


def accepts_host(ip: str, name: str) -> bool:
    """Whether there can be such a host."""
    try:
        Host(ip=ip, name=name)
    except ConnectionInvalid:
        return False
    return True


@examples(5)
@given(HOST_IPS, HOST_NAMES)
def test_host(ip: str, name: str) -> None:
    """A name matches the service's rule from end to end, and an address is four plain numbers."""
    octet = r"(0|[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5])"
    good_ip = re.fullmatch(rf"{octet}\.{octet}\.{octet}\.{octet}", ip) is not None
    good_name = re.fullmatch(r"[A-Za-z][A-Za-z0-9_.\-]{0,127}", name) is not None
    assert accepts_host(ip, "a") == good_ip
    assert accepts_host("10.0.0.1", name) == good_name
    assert accepts_host(ip, name) == (good_ip and good_name)
    for end in ("\n", "\r", " ", "\0", "٣"):
        assert not accepts_host(ip + end, "a")
        assert not accepts_host("10.0.0.1", name + end)


@examples()
@given(some.any_texts(), some.check_options())
def test_ready_hosts_can_be_sent(text: bytes, options: dict[str, Any]) -> None:
    """The border takes every host that a check finds ready, as it stands and in order."""
    with written(text) as names:
        try:
            pairs = list(checked(names, options)[1].pairs())
        except InputError:
            assume(False)
    body = build_request(connection(), pairs).body()
    assert [(host["ip"], host["name"]) for host in body["hosts"]] == pairs


@examples(3)
@given(st.lists(st.tuples(HOST_IPS, HOST_NAMES).filter(lambda pair: accepts_host(*pair)), max_size=8))
def test_hosts_that_can_be_sent_are_ready(pairs: list[tuple[str, str]]) -> None:
    """A check finds ready whatever the border takes, but for what it alone knows: local ones and repeats."""
    options = {
        "keep_local": True,
        "keep_trailing_dot": True,
        "on_conflict": "keep",
        "levels": {"N105": "warn"},
    }
    with written("".join(f"{ip} {name}\n" for ip, name in pairs).encode()) as names:
        report, hosts = checked(names, options, syntax="hosts")
    assert report.totals.refused == report.totals.skipped == 0
    seen = {(ip, name.lower().removesuffix(".")): (ip, name) for ip, name in reversed(pairs)}
    assert sorted(hosts.pairs()) == sorted(seen.values())


def test_most_hosts() -> None:
    """A request holds 20,000 hosts and not one more."""
    pairs = [("10.0.0.1", f"h{i}") for i in range(20_001)]
    assert len(build_request(connection(), pairs[:-1]).body()["hosts"]) == 20_000
    with pytest.raises(ConnectionInvalid, match="at most 20000 items"):
        build_request(connection(), pairs)


# -- the body


@examples()
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "pools": st.lists(st.just("pool"), max_size=2),
            "queues": st.lists(st.just("queue"), max_size=2),
            "route_table": st.just("rt"),
            "tags": st.dictionaries(st.sampled_from(["b", "a"]), st.sampled_from(["", "v"])),
        },
    ),
    st.sampled_from([None, [], [("10.0.0.1", "a.")]]),
)
def test_body(fields: dict[str, Any], pairs: list[tuple[str, str]] | None) -> None:
    """The body has the documentation's fields in its order, and none that was not given."""
    body = build_request(connection(**fields), pairs).body()
    expected = {
        "name": "mrs_01",
        "dest_vpc_id": "vpc-1",
        "dest_network_id": "net-1",
        "elastic_resource_pools": fields.get("pools"),
        "queues": fields.get("queues"),
        "routetable_id": fields.get("route_table"),
        "hosts": None if pairs is None else [{"ip": ip, "name": name} for ip, name in pairs],
        "tags": [{"key": key, "value": value} for key, value in fields.get("tags", {}).items()],
    }
    given = {key: value for key, value in expected.items() if value or (key == "hosts" and value is not None)}
    assert list(body.items()) == list(given.items())
    assert list(CreateRequest.model_fields) == list(expected)


def test_no_value_in_errors() -> None:
    """An error names the field and the rule, not what was given, which may be a secret."""
    with pytest.raises(ConnectionInvalid) as told:
        make_connection(GIVEN | {"vpc": {"hunter2": "hunter2"}})
    assert "vpc" in told.value.message
    assert "hunter2" not in told.value.message
