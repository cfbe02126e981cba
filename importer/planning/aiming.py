"""From what is asked for, and what is there, to the request that changes the one into the other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from importer import limits
from importer.errors import ConnectionInvalid
from importer.language import plural, said
from importer.planning.differences import aimed, host_record
from importer.planning.host_lines import host_block, hosts_of
from importer.planning.identity import Existing, hosts_digest
from importer.planning.plan import PlannedRequest, planned_request
from importer.planning.updates import REPLACE, Update


def lines_of(planned: PlannedRequest) -> list[str]:
    """The hosts of a request as lines `IP NAME`, in their order."""
    text = planned.hosts.decode("utf-8")
    if "\\" in text:  # hosts that were put back as they were
        return [f"{host['ip']} {host['name']}" for host in map(json.loads, text.split("\n")[:-1])]
    return text.replace('{"ip":"', "").replace('","name":"', " ").replace('"}\n', "\n").split("\n")[:-1]


def aim_at(planned: PlannedRequest, existing: Existing) -> PlannedRequest:
    """The update of this connection, by the mode that is asked for; it may come to no change at all.

    Raises ConnectionInvalid where the hosts that would be sent are not such as the service takes.
    """
    update = planned.update or Update()
    there = existing.identity
    seen = update._replace(id=existing.id, hosts=there.hosts, former=there.count)
    if update.mode == REPLACE or "hosts" not in planned.frame:
        return replace(planned, update=seen)
    lines = aimed(update.mode, existing.hosts, lines_of(planned))
    if len(lines) > limits.MAX_HOSTS:
        raise ConnectionInvalid(
            said(
                "it would have {hosts}, and the service takes {MAX_HOSTS:,}",
                hosts=plural(len(lines), "host"),
                MAX_HOSTS=limits.MAX_HOSTS,
            )
        )
    block = host_block(map(host_record, lines))
    found = hosts_of(block)
    if found is None:
        raise ConnectionInvalid("it holds hosts that break the rules of the service")
    made = planned_request(planned.frame, block, found, planned.sources, planned.totals)
    return replace(made, update=seen)


def put_back(
    name: str, vpc: str, subnet: str, connection_id: str, lines: Sequence[str], sources: Iterable[str]
) -> PlannedRequest:
    """A request that gives a connection, and no other one, the hosts that it had, whatever these are."""
    frame = {"name": name, "dest_vpc_id": vpc, "dest_network_id": subnet, "hosts": []}
    texts = [json.dumps(host_record(line), ensure_ascii=False, separators=(",", ":")) for line in lines]
    block = "".join(f"{text}\n" for text in texts).encode("utf-8", "backslashreplace")
    found = hosts_digest(sorted(set(lines))), len(set(lines))
    made = planned_request(frame, block, found, tuple(sources), None)
    return replace(made, update=Update(REPLACE, connection_id))


def put_body(planned: PlannedRequest) -> bytes:
    """The body of the update call: all hosts, and nothing else."""
    return b'{"hosts":[' + planned.hosts.replace(b"\n", b",")[:-1] + b"]}"
