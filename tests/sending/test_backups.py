"""Backups come back as they were written, whatever a connection holds; anything else is refused."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from profiles import examples
from world import FOLDER

from importer.errors import BackupError
from importer.planning.aiming import lines_of, put_back, put_body
from importer.planning.identity import existing_of
from importer.sending.backup import Backups, list_backups, name_of, read_backup

fields = st.one_of(
    st.from_regex(r"[a-z0-9._-]{1,12}", fullmatch=True),
    st.text(max_size=6).map(lambda text: text.replace(" ", "")),
)
hosts = st.lists(st.fixed_dictionaries({"ip": fields, "name": st.text(max_size=6) | fields}), max_size=6)


@examples(0.5)
@example(hosts=[{"ip": "1.2.3.4", "name": "a\nb"}], name="mrs")
@example(hosts=[{"ip": "1.2.3.4", "name": "a\u2028b\x85"}], name="mrs")
@example(hosts=[{"ip": "1.2.3.4", "name": '"\\'}], name="mrs")
@given(hosts=hosts, name=st.from_regex(r"[A-Za-z0-9_]{1,64}", fullmatch=True))
def test_what_is_kept_is_put_back(hosts: list[dict[str, str]], name: str) -> None:
    """The former hosts, whatever they are, are those of the update that a rollback makes."""
    item = {"id": "id-1", "name": name, "dest_vpc_id": "V", "dest_network_id": "S", "hosts": hosts}
    existing = existing_of(item)
    assert existing is not None
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        journal = Path(folder, "journal")
        backups = Backups(journal.with_name("journal.backups"), "e", "p", "digest", " --option")
        path = Path(backups.keep(put_back(name, "V", "S", "id-1", ["1.2.3.4 a"], []), existing, 1.8e9))
        assert ([path], name_of(path)) == (list_backups(journal), name)
        backup = read_backup(path)
        assert (backup.lines, backup.rollback) == (existing.hosts, f"dli-hosts rollback {path} --option")
        request = put_back(backup.name, backup.vpc, backup.subnet, backup.id, backup.lines, [])
        assert request.identity == existing.identity
        assert sorted(lines_of(request)) == sorted(existing.hosts)
        sent = json.loads(put_body(request).decode("utf-8", "surrogatepass"))["hosts"]
        assert {(one["ip"], one["name"]) for one in sent} == {(one["ip"], one["name"]) for one in hosts}
        data = path.read_bytes()
        for number in range(0, len(data), 7):
            path.write_bytes(data[:number])
            with pytest.raises(BackupError):
                read_backup(path)
