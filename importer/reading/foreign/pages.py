"""Files that other programs understand: plans, jobs files, JSON, HTML, XML, mails, YAML."""

from __future__ import annotations

import re
from collections.abc import Sequence

from importer.language import said
from importer.reading.foreign.lines import ON_ONE_LINE, Kind, Lines, Recipe, host_line, tokens_of

# --- JSON, pages and YAML -------------------------------------------------------------------------------


def _is_object(line: bytes) -> bool:
    """Whether a line begins like a JSON object, and not like a mark of a template."""
    return line.startswith(b"{") and not line.startswith((b"{{", b"{%", b"{#"))


_HTML = (b"<!doctype html", b"<html", b"<head", b"<body", b"<table", b"<meta", b"<div")
_EXCEL_PAGE = (b"<table", b"office:excel", b"Excel.Sheet", b"office:spreadsheet")
_SAVE_PAGE = "open it with a spreadsheet program, and save the table as .xlsx or as CSV UTF-8"
_GET_THE_LIST = "download the list itself, as text or CSV: this is a page, perhaps about an error"


def _is_markup(file: Lines) -> bool:
    first = file.lines[0]
    return first.startswith(b"<") and len(first) > 1 and (first[1:2].isalpha() or first[1:2] in b"!?")


def _says_markup(file: Lines) -> str:
    if _has_table(file):
        return said(
            "looks like {file} with a table, which some programs save under the name .xls", file=_markup(file)
        )
    return said("looks like {file}", file=_markup(file))


def _what_to_do_with_markup(file: Lines) -> str:
    if _has_table(file):
        return _SAVE_PAGE
    return (
        _GET_THE_LIST
        if _markup(file) == "HTML"
        else said("export it as CSV, or {ON_ONE_LINE}", ON_ONE_LINE=ON_ONE_LINE)
    )


def _markup(file: Lines) -> str:
    return "HTML" if any(line.lower().startswith(_HTML) for line in file.lines[:5]) else "XML"


def _has_table(file: Lines) -> bool:
    return any(mark in line for line in file.lines for mark in _EXCEL_PAGE)


_YAML_LINE = re.compile(rb"(?:- )?[A-Za-z_][A-Za-z0-9_./-]*:(?: |$)|- ")
_KUBERNETES = (b"hostAliases:", b"apiVersion:")


def _is_kubernetes(file: Lines) -> bool:
    return any(line.startswith(_KUBERNETES) for line in file.lines)


def _is_yaml(file: Lines) -> bool:
    return file.lines[0] == b"---" or file.half(map(_YAML_LINE.match, file.lines))


def _alias_hosts(lines: Sequence[bytes]) -> list[bytes] | None:
    """The hosts under `hostAliases`, where each address stands above its names, and each on its own line."""
    made: list[bytes] = []
    address = b""
    for line in lines:
        tokens = [token.strip(b"\"'") for token in tokens_of(line)]
        if tokens[:2] == [b"-", b"ip:"] and len(tokens) == 3:
            address = tokens[2]
        elif tokens[:1] == [b"-"]:
            host = host_line(address, tokens[1]) if len(tokens) == 2 else None
            if host is None:
                return None
            made.append(host)
        elif len(tokens) != 1 or not tokens[0].endswith(b":"):
            return None
        elif address and tokens != [b"hostnames:"]:
            return None  # what follows the aliases may have items too
    return made


_FROM_ALIASES = Recipe(
    """awk '{gsub(/["\\047\\r]/, "")} $1 == "-" && $2 == "ip:" {ip = $3; next} """
    """$1 == "-" {print ip, $2}' FILE > NEW""",
    _alias_hosts,
    kept=lambda line: line.lstrip(b"- ").removeprefix(b"ip:") if line.startswith(b"-") else b"",
)


KINDS: tuple[Kind, ...] = (
    Kind(
        "is a plan",
        "dli-hosts submit {source} sends it",
        lambda file: b'"format": "dli-hosts plan",' in file.lines[:2],
    ),
    Kind(
        "is a jobs file",
        "dli-hosts plan {source} checks all its lists",
        lambda file: b"[[connection]]" in file.lines,
    ),
    Kind(
        "looks like JSON",
        "turn it into lines first, for example with jq -r '.hosts[] | \"\\(.ip) \\(.name)\"'",
        lambda file: file.begin(b"[{", b'["') or file.lines[0] == b"[" or _is_object(file.lines[0]),
    ),
    Kind(_says_markup, _what_to_do_with_markup, _is_markup),
    Kind(
        "looks like a mail or a saved page (.mht)",
        "open it in a browser or mail program, and save the list as text",
        lambda file: any(line.lower().startswith(b"mime-version:") for line in file.lines),
    ),
    Kind(
        "looks like YAML for Kubernetes (hostAliases)",
        f"take its addresses and hostnames: {ON_ONE_LINE}",
        _is_kubernetes,
        (_FROM_ALIASES,),
    ),
)
"""Looked for before hosts syntax: such a file may hold a whole host list."""

LATE: tuple[Kind, ...] = (
    Kind(
        "looks like YAML",
        f"take its addresses and names: {ON_ONE_LINE}",
        _is_yaml,
    ),
)
"""Looked for where neither hosts syntax nor columns were found."""
