"""The service's own Python SDK talks to the sandbox: AK/SK signatures, models, errors."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from command import run_process
from serving import hosts, sandbox

from importer import Connection, build_request

pytest.importorskip("huaweicloudsdkdli")

PROGRAM = """
import json, sys
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkdli import v1

endpoint, access, secret, project, hosts = json.load(sys.stdin)
keys = BasicCredentials(access, secret, project)
client = v1.DliClient.new_builder().with_credentials(keys).with_endpoint(endpoint).build()

def refused(action):
    try:
        action()
    except ClientRequestException as error:
        return [error.status_code, error.error_code, len(error.request_id)]

def create(name):
    body = v1.CreateEnhancedConnectionRequestBody(
        name=name, dest_vpc_id="vpc", dest_network_id="net", elastic_resource_pools=["pool"],
        hosts=[v1.EnhancedConnectionHost(**host) for host in hosts],
        tags=[v1.Tag("owner", "数据 team")], routetable_id="rt")
    return client.create_enhanced_connection(v1.CreateEnhancedConnectionRequest(body))

def show():
    return client.show_enhanced_connection(v1.ShowEnhancedConnectionRequest(new.connection_id))

def listed(**query):
    found = client.list_enhanced_connections(v1.ListEnhancedConnectionsRequest(**query))
    items = found.connections
    return [found.count, [item.name for item in items], [item.is_privis for item in items]]

new = create("mrs_1")
seen = {"created": [new.status_code, new.is_success]}
shown = show()
seen["shown"] = [shown.name, shown.status, [host.to_dict() for host in shown.hosts] == hosts,
                 [pool.status for pool in shown.elastic_resource_pools]]
seen["listed"] = listed(limit=0, name="mrs_1", status="ACTIVE", tags="owner=数据 team")
seen["not listed"] = listed(name="mrs")
update = v1.UpdateEnhancedConnectionRequestBody([v1.EnhancedConnectionHost("one", "10.9.9.9")])
client.update_enhanced_connection(v1.UpdateEnhancedConnectionRequest(new.connection_id, update))
seen["updated"] = [host.to_dict() for host in show().hosts]
client.update_enhanced_connection(
    v1.UpdateEnhancedConnectionRequest(new.connection_id, v1.UpdateEnhancedConnectionRequestBody([])))
seen["emptied"] = show().hosts
names = v1.AssociateQueueToEnhancedConnectionRequestBody(elastic_resource_pools=["second"])
client.associate_queue_to_enhanced_connection(
    v1.AssociateQueueToEnhancedConnectionRequest(new.connection_id, names))
seen["bound"] = [pool.name for pool in show().elastic_resource_pools]
names = v1.DisassociateQueueFromEnhancedConnectionRequestBody(elastic_resource_pools=["pool"])
client.disassociate_queue_from_enhanced_connection(
    v1.DisassociateQueueFromEnhancedConnectionRequest(new.connection_id, names))
seen["unbound"] = [pool.name for pool in show().elastic_resource_pools]
deleted = client.delete_enhanced_connection(v1.DeleteEnhancedConnectionRequest(new.connection_id))
seen["deleted"] = [deleted.message, show().status]
seen["bad name"] = refused(lambda: create("a-b"))
seen["unknown"] = refused(
    lambda: client.show_enhanced_connection(v1.ShowEnhancedConnectionRequest("nobody")))
keys.sk = "x" + secret
seen["bad key"] = refused(show)
print(json.dumps(seen))
"""


def test_every_call(tmp_path: Path) -> None:
    """Create, list, show, update, bind, unbind and delete through the SDK, and its view of three errors."""
    with sandbox(peering_seconds=3600) as client:
        running = client.running
        account = (running.endpoint, running.access_key, running.secret_key, running.project_id)
        done = run_process(
            [sys.executable, "-W", "ignore", "-c", PROGRAM],
            tmp_path,
            stdin=json.dumps([*account, hosts(20_000)]).encode(),
            env={"HOME": str(tmp_path)},
        )
        assert done.status == 0, done.err
        assert json.loads(done.out) == {
            "created": [201, True],
            "shown": ["mrs_1", "ACTIVE", True, ["CREATING"]],
            "listed": [1, ["mrs_1"], [True]],
            "not listed": [0, [], []],
            "updated": [{"name": "one", "ip": "10.9.9.9"}],
            "emptied": [],
            "bound": ["pool", "second"],
            "unbound": ["second"],
            "deleted": ["Deleted", "DELETED"],
            "bad name": [400, "DLI.0001", 32],
            "unknown": [404, "DLI.0023", 32],
            "bad key": [401, "APIGW.0301", 32],
        }
        (stored,) = running.store.connections()
        assert stored.tags == {"owner": "数据 team"}


MODELS = """
import json, sys
from huaweicloudsdkcore.utils import http_utils
from huaweicloudsdkdli import v1

for body in json.load(sys.stdin):
    model = v1.CreateEnhancedConnectionRequestBody(**{
        **body,
        "hosts": [v1.EnhancedConnectionHost(**host) for host in body.get("hosts", ())] or None,
        "tags": [v1.Tag(**tag) for tag in body.get("tags", ())] or None,
    })
    assert http_utils.sanitize_for_serialization(model) == body, body
print("accepted")
"""


def test_models_accept_our_bodies(tmp_path: Path) -> None:
    """The SDK's model of the create body takes every field that this program writes, and gives it back."""
    fields = {"name": "mrs", "vpc": "V", "subnet": "S"}
    whole = {"pools": ("p", "q"), "queues": ("u",), "route_table": "r", "tags": {"k": "数据", "e": ""}}
    bodies = [
        build_request(Connection(**fields), None).body(),
        build_request(Connection(**fields, **whole), [("10.0.0.1", "a"), ("10.0.0.2", "b.c")]).body(),
    ]
    environ = {"HOME": str(tmp_path)}
    program = [sys.executable, "-c", MODELS]
    outcome = run_process(program, tmp_path, stdin=json.dumps(bodies).encode(), env=environ)
    assert (outcome.status, outcome.out) == (0, "accepted\n"), outcome.err
