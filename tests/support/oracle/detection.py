"""'Which syntax': by content, in the order of the contract."""

import re
from dataclasses import replace

from oracle.addresses import is_form_of_address
from oracle.hosts_text import lines_of
from oracle.layout import by_content, headers
from oracle.model import Options, Stop

DELIMITERS = (",", ";", "\t", "|")
FIRST_LINES = 100
FIRST_BYTES = 1 << 20


def understood(text: str, options: Options) -> Options:
    """The options with syntax and delimiter settled, or a stop."""
    if not options.find:
        return options
    if options.syntax == "hosts":
        return options
    if options.syntax == "csv" and options.delimiter:
        return options
    delimiters = [options.delimiter] if options.delimiter else list(DELIMITERS)
    beginning = text[:FIRST_BYTES]
    lines = [line for line in lines_of(beginning) if line.tokens()][:FIRST_LINES]
    if options.syntax == "":
        header = delimiter_of_header(text, delimiters, options)
        if not lines and header is None:
            # 'nothing but blanks and comments: hosts (then L402)'
            return replace(options, syntax="hosts")
        if header is None and is_inventory([line.content for line in lines]):
            raise Stop("an inventory")
        if header is None and is_hosts([[token.text for token in line.tokens()] for line in lines]):
            return replace(options, syntax="hosts")
    else:
        header = delimiter_of_header(text, delimiters, options)
    delimiter = header or delimiter_of_columns(text, delimiters)
    if delimiter is None:
        raise Stop("columns cannot be told")
    return replace(options, syntax="csv", delimiter=delimiter)


def delimiter_of_header(text: str, delimiters: list[str], options: Options) -> str | None:
    """'A header: csv.'"""
    for delimiter in delimiters:
        if any(True for _ in headers(text, delimiter, options)):
            return delimiter
    return None


def delimiter_of_columns(text: str, delimiters: list[str]) -> str | None:
    """'Columns found by content: csv.'"""
    for delimiter in delimiters:
        try:
            by_content(text, delimiter)
        except Stop:
            continue
        return delimiter
    return None


def is_inventory(lines: list[str]) -> bool:
    """'`[group]` lines, or `key=value` words on half of the lines'."""
    groups = any(re.match(r"[ \t]*\[[A-Za-z0-9_.:-]+\][ \t\r]*$", line) for line in lines)
    pairs = sum(re.search(r"(^|[ \t])[A-Za-z_][A-Za-z0-9_]*=[^ \t]", line) is not None for line in lines)
    return groups or pairs * 2 >= len(lines) > 0


def is_hosts(lines: list[list[str]]) -> bool:
    """'At least half of the first 100 content lines begin with a form of address and another token.'"""
    begin = sum(len(tokens) > 1 and is_form_of_address(tokens[0]) for tokens in lines)
    # Beside such lines, those with a literal \\t for a tab are faults of the list, not another kind of file.
    escaped = sum(is_form_of_address(tokens[0].split("\\t")[0]) for tokens in lines if "\\t" in tokens[0])
    return (begin + (escaped if begin else 0)) * 2 >= len(lines) > 0
