"""Files that are not host lists: each kind is named, and each recipe is tried with the real tool."""

from __future__ import annotations

import codecs
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from agreement import checked
from command import ROOT, assert_cannot_work, dli_hosts
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer import InputError, check, read

CASES = ROOT.parent / "shared" / "cases"


class Host(NamedTuple):
    """An address with its names."""

    ip: str
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """The first name."""
        return self.names[0]


def made(number: int, domain: str, aliases: int) -> Host:
    """A host whose names and address no other number has."""
    short = f"{domain[:2]}{number}"
    names = (f"{short}.{domain}", short, f"{short}-b", f"{short}_c")
    return Host(f"10.{number % 200}.{number % 7 + 1}.{number % 251}", names[:aliases])


HOSTS = st.builds(
    lambda numbers, domain, aliases: [made(number, domain, aliases) for number in numbers],
    st.lists(st.integers(1, 5_000), min_size=2, max_size=9, unique=True),
    st.sampled_from(["lake.internal", "mrs-7f3k.com", "zoo", "Rack-9.example.org"]),
    st.integers(1, 4),
)


class Form(NamedTuple):
    """A form in which hosts are written, that is not a host list."""

    write: Callable[[Sequence[Host]], str]
    says: str
    tool: str = ""
    """The first word of the recipe that must be told; empty where none may be."""
    aliases: bool = False
    """Whether all names are written, or the first of each host alone."""
    comment: str = "#"
    """What begins a comment; empty where the form has none."""
    line_end: bool = True
    """Whether the recipe knows CRLF, too."""


def each(template: str) -> Callable[[Sequence[Host]], str]:
    """A line for each host."""
    return lambda hosts: "".join(
        template.format(ip=host.ip, name=host.name, names=" ".join(host.names), rest=" ".join(host.names[1:]))
        + "\n"
        for host in hosts
    )


def numbered(template: str, step: int = 1) -> Callable[[Sequence[Host]], str]:
    """A numbered line for each host."""
    return lambda hosts: "".join(
        template.format(n=n * step + 7 * (step > 1), ip=host.ip, names=" ".join(host.names)) + "\n"
        for n, host in enumerate(hosts, 1)
    )


def within(start: str, template: str, end: str) -> Callable[[Sequence[Host]], str]:
    """The lines between others."""
    return lambda hosts: start + each(template)(hosts) + end


def aliases_in_yaml(hosts: Sequence[Host]) -> str:
    """The hostAliases of a pod."""
    lines = ["spec:", "  hostAliases:"]
    for host in hosts:
        lines += [f'  - ip: "{host.ip}"', "    hostnames:", *(f"    - {name}" for name in host.names)]
    return "\n".join(lines) + "\n"


PROMPT = "[root@node-7 ~]#"

FORMS: dict[str, Form] = {
    "inventory": Form(
        each("{name} ansible_host={ip} ansible_user=ops ansible_ssh_pass=Winter-1!"), "key=value words", "sed"
    ),
    "inventory with groups": Form(
        within("[kafka]\n", "{name} ansible_host={ip}", "\n[kafka:vars]\nansible_user=ops\n"),
        "[group] lines",
        "sed",
    ),
    "inventory of addresses": Form(each("{ip} ansible_user=ops ansible_ssh_pass=Winter-1!"), "inventory"),
    "inventory with a name twice": Form(each("{name} ansible_host={ip} ansible_host={ip}"), "inventory"),
    "zone, whole names": Form(
        within("", "{name}. 3600 IN A {ip}", "lake. 60 IN NS ns.lake.\n"), "zone file", "awk", comment=";"
    ),
    "zone, parts of names": Form(within("$ORIGIN lake.\n", "{name} IN A {ip}", ""), "zone file", comment=";"),
    "zone without class": Form(each("{name} A {ip}"), "zone file", comment=";"),
    "zone of addresses": Form(numbered("{n} IN PTR x{n}.{ip}."), "zone file", comment=";"),
    "RouterOS": Form(
        within("/ip dns static\n", "add address={ip} name={name}", ""), "RouterOS", "awk", line_end=True
    ),
    "RouterOS, disabled": Form(each("add address={ip} name={name} disabled=yes"), "RouterOS"),
    "Corefile": Form(
        within(".:53 {\n  errors\n  hosts {\n", "    {ip} {names}", "    ttl 60\n    fallthrough\n  }\n}\n"),
        "Corefile",
        "grep",
        aliases=True,
    ),
    "unbound": Form(
        within("server:\n", '  local-data: "{name}. IN A {ip}"', ""), "unbound (local-data)", "awk"
    ),
    "unbound, addresses": Form(each('local-data-ptr: "{ip} {name}"'), "unbound (local-data)"),
    "dnsmasq address": Form(each("address=/{name}/{ip}"), "dnsmasq", "awk"),
    "dnsmasq host-record": Form(each("host-record={name},{ip}"), "dnsmasq", "awk"),
    "dnsmasq dhcp-host": Form(each("dhcp-host=aa:bb:cc:dd:ee:01,{name},{ip},infinite"), "dnsmasq"),
    "dnsmasq leases": Form(
        each("1764270000 aa:bb:cc:dd:ee:02 {ip} {name} 01:aa:bb:cc:dd:ee:02"),
        "leases of dnsmasq",
        "awk",
        comment="",
    ),
    "hostAliases": Form(aliases_in_yaml, "YAML for Kubernetes", "awk", aliases=True),
    "YAML": Form(within("---\nhosts:\n", "  - {{name: {name}, ip: {ip}}}", ""), "YAML"),
    "YAML inventory": Form(within("all:\n", "  {name}:\n    ansible_host: {ip}", ""), "YAML"),
    "HTML": Form(within("<!DOCTYPE html>\n<body>\n<pre>\n", "{ip} {names}", "</pre>\n"), "HTML", comment=""),
    "HTML table": Form(
        within("<html>\n<table>\n", "<tr><td>{name}</td><td>{ip}</td></tr>", "</table>\n"),
        "HTML with a table, which some programs save under the name .xls",
        comment="",
    ),
    "XML": Form(within('<?xml version="1.0"?>\n<hosts>\n', '<h ip="{ip}">{name}</h>', ""), "XML", comment=""),
    "JSON": Form(within("{\n", '"{name}": "{ip}",', "}\n"), "JSON", comment=""),
    "mail": Form(within("From: a\nMIME-Version: 1.0\n\n", "{ip} {names}", ""), "mail", comment=""),
    "echo": Form(each('echo "{ip} {names}" >> /etc/hosts'), "shell script", "sed", aliases=True),
    "echo, single quotes": Form(
        within("set -e\n", "sudo echo -e '{ip} {names}' | tee -a /etc/hosts", "exit 0\n"),
        "shell script",
        "sed",
        aliases=True,
    ),
    "echo of variables": Form(each('echo "{ip} $NAME" >> /etc/hosts'), "shell script"),
    "cat -n": Form(
        numbered("{n:6}\t{ip} {names}"), "number before each line", "sed", aliases=True, comment=""
    ),
    "cat -n of comments": Form(
        lambda hosts: (
            "".join(f"{n}\t# lake\n" for n in range(1, 30))
            + "".join(f"{n}\t{host.ip} {' '.join(host.names)}\n" for n, host in enumerate(hosts, 30))
        ),
        "number before each line",
        "sed",
        aliases=True,
        comment="",
    ),
    "grep -n": Form(
        numbered("{n}:{ip} {names}", 3), "number before each line", "sed", aliases=True, comment=""
    ),
    "grep -Hn": Form(
        numbered("/etc/hosts:{n}:{ip} {names}"), "number before each line", "sed", aliases=True, comment=""
    ),
    "numbers of a person": Form(
        numbered("{n}. {ip} {names}"), "number before each line", "sed", aliases=True, comment=""
    ),
    "terminal": Form(
        within(f"{PROMPT} cat /etc/hosts\n", "{ip} {names}", f"{PROMPT}\n"), "prompts", "grep", aliases=True
    ),
    "terminal, $": Form(
        within("$ cat /etc/hosts\n", "{ip} {names}", "$ \n"), "prompts", "grep", aliases=True
    ),
    "terminal, user@host": Form(
        within("ops@nn1:~$ cat /etc/hosts\n", "{ip} {names}", "ops@nn1:~$ exit\n"),
        "prompts",
        "grep",
        aliases=True,
    ),
    "terminal of Windows": Form(
        within("C:\\Users\\ops>type hosts\n", "{ip} {names}", ""), "prompts", "grep", aliases=True
    ),
    "terminal with a host in a command": Form(
        within(f"{PROMPT} ping 10.99.0.1\n", "{ip} {names}", ""), "prompts", aliases=True
    ),
    "literal \\t": Form(
        lambda hosts: "".join("\\t".join((host.ip, *host.names)) + "\n" for host in hosts),
        "literal \\t or \\n",
        "awk",
        aliases=True,
    ),
    "literal \\n": Form(
        lambda hosts: "\\n".join(f"{host.ip}\\t{' '.join(host.names)}" for host in hosts) + "\n",
        "literal \\t or \\n",
        "awk",
        aliases=True,
    ),
    "no-break space": Form(each("{ip}\u00a0{names}"), "no-break spaces (U+00A0)", "LC_ALL=C", aliases=True),
    "ideographic space": Form(
        each("{ip}\u3000{name}"), "ideographic spaces (U+3000)", "LC_ALL=C", comment="# \u3000"
    ),
    "full-width comma": Form(
        within("hostname\uff0cip\n", "{name}\uff0c{ip}", ""), "full-width comma (U+FF0C)", "LC_ALL=C"
    ),
    "full-width semicolon": Form(each("{ip}\uff1b{name}"), "full-width semicolon (U+FF1B)", "LC_ALL=C"),
    "full-width colon": Form(each("{name}\uff1a{ip}"), "full-width colon (U+FF1A)", "LC_ALL=C"),
    "whole lines in quotes": Form(each('"{ip} {names}"'), "in quotes", "tr", aliases=True),
    "whole rows in quotes": Form(within('"name,ip"\n', '"{name},{ip}"', ""), "in quotes", "tr"),
    "Hive": Form(each("{name}\x01{ip}\x01\\N"), "'\\x01', the delimiter of Hive", comment=""),
    "unit separator": Form(each("{name}\x1f{ip}"), "delimited by '\\x1f'", comment=""),
    "name:ip": Form(each("{name}:{ip}"), "delimited by ':'"),
    "name: ip": Form(each("{name}: {ip}"), "delimited by ':'"),
    "name/ip": Form(each("{name}/{ip}"), "delimited by '/'"),
    "pdsh": Form(each("n7: {ip} {names}"), "as pdsh and YAML write it", aliases=True),
    "addresses": Form(each("{ip}"), "bare list of addresses"),
    "names": Form(each("{name}"), "bare list of names"),
    "name first": Form(each("{names} {ip}"), "name before the address", "awk", aliases=True),
    "name on both sides": Form(each("{name} {ip} {rest}"), "name before the address", "awk", aliases=True),
    "name first, comments": Form(
        each("{names} {ip} # was 10.99.0.1"), "name before the address", "awk", aliases=True
    ),
    "sentences": Form(each("{name} is now at {ip}"), "name before the address"),
    "a word about all": Form(each("{name} worker {ip}"), "name before the address"),
    "two addresses": Form(each("{name} {ip} 10.99.0.1"), "name before the address"),
    "two lines": Form(each("{ip}\n  {names}"), "on separate lines", "awk", aliases=True),
    "two lines, name first": Form(each("{name}\n{ip}"), "on separate lines"),
}


def refusal(text: bytes) -> InputError:
    """The error that stops a file with this text."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "list"
        path.write_bytes(text)
        with pytest.raises(InputError) as caught:
            check(read(str(path)))
    assert caught.value.message.isprintable()
    assert caught.value.hint.isprintable()
    return caught.value


def cooked(recipe: str, text: bytes) -> list[tuple[str, str]]:
    """The hosts of the list that a recipe makes of a file with this text."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "FILE").write_bytes(text)
        shell = ["bash", "-c", f"set -e -o pipefail; {recipe}"]
        subprocess.run(shell, cwd=folder, check=True, timeout=60, capture_output=True)
        return list(checked([str(Path(folder) / "NEW")], {})[1].pairs())


def with_noise(text: str, comment: str, crlf: bool) -> bytes:
    """The text with a blank line, a comment, and other line ends."""
    if comment:
        first, _, rest = text.partition("\n")
        text = f"{comment} nn1 10.99.0.9 of old\n{first}\n\n{comment} two\n{rest}{comment}\n"
    return (text.replace("\n", "\r\n") if crlf else text).encode()


def written_in(form: Form, hosts: Sequence[Host]) -> tuple[str, list[tuple[str, str]]]:
    """The hosts in a form, and the pairs that it holds."""
    told = [host if form.aliases else host._replace(names=host.names[:1]) for host in hosts]
    return form.write(told), [(host.ip, name) for host in told for name in host.names]


@pytest.mark.parametrize("name", FORMS)
@examples(0.02)
@given(HOSTS, st.booleans())
def test_forms(name: str, hosts: list[Host], crlf: bool) -> None:
    """Each form is named whatever hosts it holds; its recipe makes a list of exactly these hosts of it."""
    form = FORMS[name]
    text, pairs = written_in(form, hosts)
    data = with_noise(text, form.comment, crlf)
    error = refusal(data)
    assert form.says in error.message
    told, _, recipe = error.hint.partition(", for example: ")
    assert told
    assert "Winter" not in error.message + error.hint
    if form.tool:
        assert recipe.startswith(form.tool)
        if shutil.which("bash") is None or shutil.which(form.tool.replace("LC_ALL=C", "sed")) is None:
            pytest.skip(f"there is no {form.tool}")
        assert cooked(recipe, data) == pairs
    elif name != "JSON":
        assert recipe == ""


@examples(0.2)
@given(HOSTS, st.booleans())
def test_lists_are_not_refused(hosts: list[Host], crlf: bool) -> None:
    """Lists with the same hosts are read: hosts syntax with remarks, and tables."""
    pairs = [(host.ip, name) for host in hosts for name in host.names]
    lists = (
        (each("{ip} {names} # role=master {name}: x")(hosts), pairs),
        (each("\t{ip}\t{names}\t#[group]")(hosts), pairs),
        ("# cat /etc/hosts\n#!/bin/sh\n" + each("{ip} {names}")(hosts), pairs),
        (each("{name},{ip},role=master")(hosts), [(host.ip, host.name) for host in hosts]),
        (each("{name}, {ip}, role=master")(hosts), [(host.ip, host.name) for host in hosts]),
        ("name;ip\n" + each("{name};{ip}")(hosts), [(host.ip, host.name) for host in hosts]),
        (
            "no\tname\tip\n" + "".join(f"{n}\t{h.name}\t{h.ip}\n" for n, h in enumerate(hosts)),
            [(host.ip, host.name) for host in hosts],
        ),
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "list"
        for text, wanted in lists:
            path.write_bytes(with_noise(text, "", crlf))
            assert list(checked([str(path)], {})[1].pairs()) == wanted


# -- recipes are kept back where they would do harm


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nn1 10.36.0.1 is the server\nnn2 10.36.0.2 too\n", "name before the address"),
        ("10.36.0.1\n10.36.0.2\nnn2\n10.36.0.3\nnn3\n", "on separate lines"),
        ("nn1\n10.36.0.1 nn2\n10.36.0.3\nnn4\n10.36.0.5\n", "on separate lines"),
        ("1 nn1 10.36.0.1\n2 nn2 10.36.0.2\n", "number before each line"),
        ("- 10.36.0.1 nn1\n- 10.36.0.2 nn2\n", "YAML"),
        ("domain-needed\nno-resolv\nport=53\naddress=/nn1/10.36.0.1\n", "dnsmasq"),
        ("kafka[01:20] ansible_host=10.36.0.1\n", "inventory"),
        ("[kafka]\nnn1\nnn2 ansible_host=10.36.0.2\n", "inventory"),
        ("address=/nn1/10.36.0.1\nhost-record=nn2,10.36.0.2\n", "dnsmasq"),
        ('"nn1,""main"",10.36.0.1"\n"nn2,10.36.0.2"\n"nn3,10.36.0.3"\n', "in quotes"),
        ('local-data: "nn1. A 10.36.0.1"\nlocal-data: "www. CNAME nn1."\n', "unbound"),
        ("nn1. IN A 10.36.0.1\nwww. IN CNAME nn1.\n", "zone file"),
        ("nn1\uff0c10.36.0.1\uff0ca,b\nnn2\uff0c10.36.0.2\uff0cc\n", "full-width comma"),
        (
            "hostAliases:\n- hostnames:\n  - nn1\n  ip: 10.36.0.1\n- hostnames:\n  - nn2\n  ip: 10.36.0.2\n",
            "YAML for Kubernetes",
        ),
        (f"{PROMPT} cat a\n10.36.0.1 nn1\n{PROMPT} cat b\n10.36.0.2 nn1\n", "prompts"),
    ],
)
def test_no_recipe_that_does_harm(text: str, says: str) -> None:
    """Where a recipe would lose or misplace a host, what to do is said in words alone."""
    error = refusal(text.encode())
    assert says in error.message
    assert "for example" not in error.hint


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_header_and_one_row(end: str) -> None:
    """One row below a header is enough to tell what parts the cells, and the recipe reads it."""
    data = end.join(("\u4e3b\u673a\u540d\uff0cIP\u5730\u5740", "kafka01\uff0c10.36.0.1", "")).encode()
    error = refusal(data)
    assert "full-width comma" in error.message
    recipe = error.hint.partition(", for example: ")[2]
    assert recipe
    if shutil.which("bash"):
        assert cooked(recipe, data) == [("10.36.0.1", "kafka01")]


# -- not text


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (b"ORC\n\x01\x02\0\0", "an ORC file"),
        (b"Obj\x01\x04\x16avro.schema", "an Avro file"),
        (b"SEQ\x06\x19org.apache.hadoop.io.Text", "a Hadoop SequenceFile"),
        (b"Rar!\x1a\x07\x01\0", "a rar archive"),
        (b"7z\xbc\xaf\x27\x1c\0\x04", "a 7z archive"),
        (b"{\\rtf1\\ansi 10.36.0.1 nn1\\par}", "Rich Text Format"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a picture"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Root Entry".encode("utf-16-le") * 9, "Excel workbook"),
    ],
)
def test_not_text(head: bytes, says: str) -> None:
    """A file that is not text is known by its first bytes, whatever follows, UTF-16 too."""
    assert says in refusal(head + "Workbook 10.36.0.1 nn1".encode("utf-16-le") + bytes(300)).message


def test_names_that_begin_like_a_format(tmp_path: Path) -> None:
    """A list whose first name begins as an ORC file does is a list."""
    path = tmp_path / "list"
    path.write_bytes(b"ORC-db1,10.36.0.1\nORC-db2,10.36.0.2\n")
    assert check(read(str(path))).report.totals.ready == 2


# -- encodings


@examples(0.1)
@given(HOSTS, HOSTS, st.sampled_from(["utf-16-le", "utf-16-be"]), st.booleans(), st.booleans())
def test_a_part_is_utf16(hosts: list[Host], others: list[Host], codec: str, mark: bool, crlf: bool) -> None:
    """Text in UTF-16 behind a text in ASCII is told with its place, and the recipe reads both."""
    first = with_noise(each("{ip} {names}")(hosts), "", crlf) * 12
    ends = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
    second = with_noise(each("{ip} {names}")(others), "", crlf)
    data = first + (ends[codec] if mark else b"") + second.decode().encode(codec)
    error = refusal(data)
    assert error.message.startswith("part of this file is UTF-16, from byte ")
    assert "carriage" not in error.message + error.hint
    recipe = error.hint.partition(", for example: ")[2]
    assert f" {len(first) + 1:,} " in error.message
    assert recipe
    if shutil.which("bash") and shutil.which("iconv"):
        with TemporaryDirectory() as folder:
            (Path(folder) / "plain").write_bytes(first + second)
            plain = list(checked([str(Path(folder) / "plain")], {})[1].pairs())
        assert cooked(recipe, data) == plain


@pytest.mark.parametrize("start", [codecs.BOM_UTF16_LE, b""])
def test_a_part_is_ascii(start: bytes) -> None:
    """ASCII behind a text in UTF-16 is told; it is not taken for Chinese."""
    data = start + ("10.36.0.1 nn1\r\n" * 40).encode("utf-16-le") + b"10.36.0.2 nn2\r\n"
    error = refusal(data)
    assert error.message == "only a part of this file is UTF-16: there are lines of ASCII, too"


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_chinese_in_utf16(codec: str, tmp_path: Path) -> None:
    """UTF-16 with Chinese in it is UTF-16 throughout."""
    text = "".join(f"10.36.0.{i} nn{i} # \u4e3b\u673a\u540d {i}\r\n" for i in range(1, 50))
    (tmp_path / "list").write_bytes(text.encode(codec))
    report = check(read(str(tmp_path / "list"))).report
    assert report.totals.ready == 49
    assert report.counts.keys() <= {"R106"}


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize("text", ["ip,name\r\n10.36.0.1,nn1\r\n", "10.36.0.1 nn1\n"])
def test_second_byte_order_mark(codec: str, text: str, tmp_path: Path) -> None:
    """A second byte-order mark is passed over and told; one alone is neither."""
    path = tmp_path / "list"
    for marks in (1, 2):
        path.write_bytes(("\ufeff" * marks + text).encode(codec))
        report = check(read(str(path))).report
        assert (report.totals.records, report.totals.ready) == (1, 1)
        told = [finding.message for finding in report.findings]
        assert told == ["a second byte order mark stands at the beginning, and is left out"] * (marks - 1)


# -- folders


def test_folder(tmp_path: Path) -> None:
    """A folder stands for its files in the order of their names; what is left out is told."""
    folder = tmp_path / "lists"
    (folder / "older").mkdir(parents=True)
    for name, text in (
        ("part-2", b"10.36.0.2 nn2\n"),
        ("part-1", b"10.36.0.1 nn1\n"),
        ("_SUCCESS", b""),
        (".part-1.crc", b"crc\0"),
        ("older/part-0", b"10.36.0.9 nn9\n"),
    ):
        (folder / name).write_bytes(text)
    (tmp_path / "more").write_bytes(b"10.36.0.3 nn3\n")
    reading = read(str(folder), str(tmp_path / "more"))
    assert reading.names == (str(folder / "part-1"), str(folder / "part-2"), str(tmp_path / "more"))
    assert reading.left_out == (str(folder / ".part-1.crc"), str(folder / "_SUCCESS"), str(folder / "older"))
    hosts = checked([str(folder), str(tmp_path / "more")], {})[1]
    assert list(hosts.pairs()) == [("10.36.0.1", "nn1"), ("10.36.0.2", "nn2"), ("10.36.0.3", "nn3")]
    assert read(str(tmp_path / "more")).left_out == ()
    assert dli_hosts("check", "lists", cwd=tmp_path).status == 0


@pytest.mark.parametrize(
    ("names", "says"), [((), "with no files"), (("_SUCCESS", ".x"), "with no file that can be a list")]
)
def test_folder_without_lists(names: tuple[str, ...], says: str, tmp_path: Path) -> None:
    """A folder without a list is one clear error that names it."""
    (tmp_path / "lists").mkdir()
    for name in names:
        (tmp_path / "lists" / name).write_bytes(b"10.36.0.1 nn1\n")
    assert_cannot_work(dli_hosts("check", "lists", cwd=tmp_path), f"lists: is a directory {says}")


def test_output_in_a_folder_that_is_read(tmp_path: Path) -> None:
    """A file that is read because its folder was named is not written, either."""
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "a").write_bytes(b"10.36.0.1 nn1\n")
    outcome = dli_hosts("emit", "lists", "--as", "hosts", "-o", "lists/a", cwd=tmp_path)
    assert_cannot_work(outcome, "is one of the inputs")
    assert (tmp_path / "lists" / "a").read_bytes() == b"10.36.0.1 nn1\n"


# -- the cases at hand


@pytest.mark.skipif(not CASES.exists(), reason="the cases are not at hand")
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("address-alone.hosts", "on separate lines"),
        ("name-first.hosts", "name before the address"),
        ("html-page.hosts", "HTML"),
        ("html.xls", ".xls"),
        ("ascii-then-utf16.hosts", "part of this file is UTF-16"),
        ("cat-n.hosts", "number before each line"),
        ("hostaliases.yaml", "hostAliases"),
        ("inventory-nogroup.ini", "inventory"),
        ("corefile.txt", "Corefile"),
        ("all-nbsp.hosts", "no-break space"),
        ("hive-ctrl-a.txt", "--delimiter '\\x01'"),
        ("fullwidth-comma.csv", "full-width comma"),
        ("whole-quoted.csv", "in quotes"),
    ],
)
def test_cases(name: str, says: str) -> None:
    """Each file stops with its cause and what to do."""
    assert_cannot_work(dli_hosts("check", name, cwd=CASES), name, says)
