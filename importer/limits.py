"""What the service accepts, and what this program takes in: each number stands here, once.

The sentences quoted are from the service's page "Creating an Enhanced Datasource Connection"
(API reference, POST /v2.0/{project_id}/datasource/enhanced-connections) unless another is named.
"""

from __future__ import annotations

MAX_HOSTS = 20_000
"""`hosts`: "A maximum of 20,000 records are supported." """

MAX_NAME_CHARS = 128
"""`hosts.name`: "can consist of 128 characters", a maximum by the user guide's wording."""

LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
"""`hosts.name`: "must start with a letter"; the rule is ASCII."""

NAME_BYTES = LETTERS + b"0123456789_-."
"""`hosts.name`: "letters, digits, underscores (_), hyphens (-), and periods (.)"."""

NAME_PATTERN = r"\A[A-Za-z][A-Za-z0-9_.-]*\z"
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
IPV4_PATTERN = rf"\A{_OCTET}(?:\.{_OCTET}){{3}}\z"
"""`hosts.ip`: "The IPv4 address of the host.", four decimal numbers without leading zeros."""

MAX_LABEL_CHARS = 63
"""RFC 1035, 2.3.4: labels are 63 octets or less."""

LOCAL_NAMES = frozenset(
    {
        "localhost",
        "localhost.localdomain",
        "localhost4",
        "localhost4.localdomain4",
        "localhost6",
        "localhost6.localdomain6",
        "ip6-localhost",
        "ip6-loopback",
        "broadcasthost",
    }
)
"""Names that operating systems' own hosts files give to the machine itself."""

USUAL_LOCAL_NAMES = frozenset(
    {
        "loopback",
        "local",
        "kubernetes.docker.internal",
        "host.docker.internal",
        "gateway.docker.internal",
    }
)
USUAL_LOCAL_BEGINNINGS = ("ip6-", "ipv6-", "localhost.")
USUAL_LOCAL_ENDINGS = (".localdomain", ".localdomain4", ".localdomain6")
"""Further names that hosts files of Debian, Red Hat, macOS and Docker put on local addresses."""

PLACEHOLDERS = frozenset({"nan", "none", "null", "nil", "na", "tbd", "todo", "unknown", "undefined"})
"""Words that programs and people write where a name is missing."""

MAX_CONNECTION_NAME_CHARS = 64
"""`name`: "Only letters, digits, and underscores (_) are allowed ... a maximum of 64 characters"."""

MAX_TAGS = 20
"""User guide: "A maximum of 20 tags can be added" to one resource."""

MAX_TAG_KEY_CHARS = 128
"""`tags.key`: "A tag key can contain a maximum of 128 characters"."""

MAX_TAG_VALUE_CHARS = 255
"""`tags.value`: "A tag value can contain a maximum of 255 characters"."""

TAG_KEY_MARKS = "_.:=+-@"
TAG_VALUE_MARKS = "_.:=+-@"
"""`tags`: "letters, digits, spaces, and special characters (_.:=+-@)"; letters of any language."""

MiB = 1 << 20

MAX_LINE_BYTES = 1 * MiB
"""A longer physical line, or quoted cell, is no line of a host list."""

MAX_DECOMPRESSED_BYTES = 4096 * MiB
MAX_DECOMPRESSION_RATIO = 200
"""Real host lists shrink 5 to 30 times; a decompression bomb 1,000 times and more."""

MAX_SHEET_ROWS, MAX_SHEET_COLUMNS = 1 << 20, 1 << 14
"""Excel's own limits: "1,048,576 rows by 16,384 columns"."""

MAX_RECORDS = 100_000_000
"""`check` gives up beyond this."""
