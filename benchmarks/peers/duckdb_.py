"""Question: how fast is the script one would write with DuckDB?

    python peers/duckdb_.py FILE OUT [--hosts]       (OUT is `-`: write nothing)

Inherent differences: the output has no particular order, and of a name's spellings any one is kept (asking
for the first would cost DuckDB a row number and a sort). The counts are those of the other peers.
"""

import json
import sys

import duckdb

NAME = "[A-Za-z][A-Za-z0-9_.-]{0,127}"
OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
IPV4 = rf"(?:{OCTET}\.){{3}}{OCTET}"

READ_CSV = """
    SELECT ip, name
    FROM read_csv($path, header = true, delim = ',', columns = {'ip': 'VARCHAR', 'name': 'VARCHAR'})
"""
# A delimiter that no text has makes each line one cell.
READ_HOSTS = r"""
    SELECT tokens[1] AS ip, unnest(CASE WHEN len(tokens) > 1 THEN tokens[2:] ELSE [''] END) AS name
    FROM (
        SELECT string_split_regex(trim(split_part(line, '#', 1), e' \t\r\v\f'), '[ \t\r\v\f]+') AS tokens
        FROM read_csv(
            $path, header = false, delim = '\x1F', quote = '', escape = '', columns = {'line': 'VARCHAR'}
        )
    )
    WHERE tokens[1] <> ''
"""
# One pass: bad records share one group, every other group is one kept record.
GROUPS = """
    SELECT good, any_value(ip) AS ip, any_value(name) AS name, count(*) AS records
    FROM (
        SELECT
            ip, name,
            coalesce(regexp_full_match(name, $name) AND regexp_full_match(ip, $ipv4), false) AS good
        FROM ({source})
    )
    GROUP BY good, CASE WHEN good THEN lower(name) END, CASE WHEN good THEN ip END
"""
COUNTS = """
    SELECT coalesce(sum(records), 0)::BIGINT, count(*) FILTER (good),
           coalesce(sum(records) FILTER (NOT good), 0)::BIGINT
    FROM ({groups})
"""


def main(path: str, out: str, hosts: bool) -> None:
    """Validate, deduplicate, write, summarise."""
    database = duckdb.connect()
    groups = GROUPS.format(source=READ_HOSTS if hosts else READ_CSV)
    values = {"path": path, "name": NAME, "ipv4": IPV4}
    if out == "-":
        counts = database.execute(COUNTS.format(groups=groups), values).fetchall()
    else:
        database.execute(f"CREATE TEMP TABLE groups AS {groups}", values).fetchall()
        database.sql("SELECT ip, name FROM groups WHERE good").write_csv(out, header=True)
        counts = database.sql(COUNTS.format(groups="FROM groups")).fetchall()
    records, kept, bad = counts[0]
    print(json.dumps({"records": records, "kept": kept, "bad": bad, "dup": records - kept - bad}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], "--hosts" in sys.argv)
