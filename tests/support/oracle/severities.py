"""The severity of a rule, and what the caller makes of it."""

from oracle.model import Options

RULES = (
    ("R101", "not-utf8", "info"),
    ("R102", "ragged-row", "warning"),
    ("R103", "bad-quote", "error"),
    ("R104", "banner-line", "info"),
    ("R105", "column-chosen", "info"),
    ("R106", "encoding-detected", "info"),
    ("R107", "row-too-short", "error"),
    ("R108", "lone-carriage-return", "error"),
    ("R109", "row-without-host", "info"),
    ("R110", "row-too-long", "error"),
    ("R111", "lost-line-end", "error"),
    ("R112", "foreign-comment", "error"),
    ("R113", "header-assumed", "info"),
    ("R114", "footer-line", "info"),
    ("R115", "row-above-header", "error"),
    ("R116", "header-repeated", "info"),
    ("R117", "host-in-comment", "warning"),
    ("R118", "looks-like-table", "warning"),
    ("R119", "hidden-rows", "info"),
    ("N101", "name-missing", "error"),
    ("N102", "name-too-long", "error"),
    ("N103", "name-bad-start", "error"),
    ("N104", "name-bad-character", "error"),
    ("N105", "name-local", "error"),
    ("N110", "name-trailing-dot", "info"),
    ("N111", "name-not-dns", "warning"),
    ("N112", "name-no-uri-host", "warning"),
    ("N113", "name-placeholder", "warning"),
    ("A201", "address-missing", "error"),
    ("A202", "address-not-ipv4", "error"),
    ("A203", "address-ipv6", "warning"),
    ("A204", "address-octal", "error"),
    ("A205", "address-short", "error"),
    ("A206", "address-suffix", "error"),
    ("A210", "address-local", "info"),
    ("A211", "address-special", "warning"),
    ("A212", "address-local-name", "warning"),
    ("A213", "address-outside", "error"),
    ("D301", "duplicate-record", "info"),
    ("D302", "duplicate-case", "warning"),
    ("D303", "name-conflict", "error"),
    ("D304", "address-shared", "info"),
    ("D305", "address-two-lines", "info"),
    ("L401", "too-many-records", "error"),
    ("L402", "nothing-to-send", "error"),
    ("F501", "filtered-out", "info"),
    ("F502", "alias-dropped", "info"),
)
"""Code, slug and severity: three columns of the table of rules."""

SLUGS = {code: slug for code, slug, _ in RULES}
SEVERITIES = {code: level for code, _, level in RULES}

FIXED = (
    *("R103", "R107", "R108", "R111", "R112", "R115", "N101", "N102", "N103", "N104"),
    *("A201", "A202", "A204", "A205", "A206", "D303", "L401", "L402"),
)
"""'... can be neither lowered nor hidden.'"""


def weight(selector: str, code: str) -> int:
    """How closely 'codes, slugs and prefixes' mean a code: 0 for not at all."""
    if selector.upper() == code or selector.lower() == SLUGS[code]:
        return len(code)
    return len(selector) if code.startswith(selector.upper()) else 0


def chosen(code: str, options: Options) -> str:
    """'`--ignore`, `--error`, `--warn` hide, raise and lower': which of them is about a code, if any."""
    levels = {"ignore": options.ignore, "error": options.error, "warn": options.warn}
    if code in FIXED:
        # '... can be neither lowered nor hidden'
        levels = {"error": options.error}
    best = {level: max((weight(s, code) for s in of), default=0) for level, of in levels.items()}
    level = max(best, key=lambda level: best[level])
    return level if best[level] else ""


def severity(code: str, options: Options, harmless: bool = False) -> str:
    """The final severity; nothing means hidden. `harmless`: the contract makes an info of this very case."""
    level = chosen(code, options)
    if level:
        return {"ignore": "", "error": "error", "warn": "warning"}[level]
    if code == "D303" and options.on_conflict != "refuse":
        # '`--on-conflict refuse` (default) refuses the later one; Then a warning'
        return "warning"
    return "info" if harmless else SEVERITIES[code]


def is_error(code: str, options: Options) -> bool:
    """'The final severity decides: raised to error a record is refused.'"""
    return severity(code, options) == "error"
