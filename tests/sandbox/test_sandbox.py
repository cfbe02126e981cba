"""The sandbox as a service: connections, lists, deletion, peerings, errors of the gateway, what is kept."""

from __future__ import annotations

import re
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from serving import Client, hosts, sandbox, wanted

from importer.errors import UsageError
from importer.sandbox.gateway import MOST_BODY
from importer.sandbox.serve import start
from importer.sandbox.store import hosts_sha256

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def test_create_and_show() -> None:
    """A connection is created, and shown with the fields of its page: no tags, no route table."""
    with sandbox() as client:
        reply = client.post(tags=[{"key": "k", "value": "v"}], routetable_id="rt", hosts=hosts(3))
        assert reply.status == 201
        connection_id = reply.json()["connection_id"]
        assert reply.json() == {"is_success": True, "message": "", "connection_id": connection_id}
        assert re.fullmatch(UUID, connection_id)
        shown = client.show(connection_id)
        assert shown.pop("create_time") > 1_600_000_000_000
        assert shown == {
            "is_success": True, "message": "", "id": connection_id, "name": "mrs", "status": "ACTIVE",
            "available_queue_info": [], "elastic_resource_pools": [], "dest_vpc_id": "vpc-1",
            "dest_network_id": "net-1", "hosts": hosts(3), "ipv6_enable": False,
        }  # fmt: skip
        assert client.running.store.find(connection_id).tags == {"k": "v"}  # type: ignore[union-attr]


def test_update_overwrites() -> None:
    """An update replaces all hosts; an empty list leaves none; no list is refused."""
    with sandbox() as client:
        connection_id = client.create(hosts=hosts(5))
        path = f"{client.base}/{connection_id}"
        for body in (hosts(2), [], hosts(20_000)):
            assert client.call("PUT", path, {"hosts": body}).json() == {"is_success": True, "message": ""}
            assert client.show(connection_id)["hosts"] == body
            (truth,) = client.call("GET", "/sandbox/connections").json()
            assert truth["sha256"] == hosts_sha256((host["ip"], host["name"]) for host in body)
            assert truth["hosts_count"] == len(body)
        assert client.call("PUT", path, {}).code == "DLI.0001"
        assert client.call("PUT", path, {"hosts": [{"ip": "::1", "name": "a"}]}).code == "DLI.0001"
        assert len(client.running.store.hosts(connection_id)) == 20_000


def test_deletion_is_soft() -> None:
    """A deleted connection is still shown and listed, as DELETED, and cannot be changed any more."""
    with sandbox() as client:
        connection_id = client.create()
        path = f"{client.base}/{connection_id}"
        assert client.call("DELETE", path).json() == {"is_success": True, "message": "Deleted"}
        assert client.show(connection_id)["status"] == "DELETED"
        assert client.names() == ["mrs"]
        assert client.names("?status=active") == []
        assert client.names("?status=Deleted&name=mrs") == ["mrs"]
        for reply in (
            client.call("DELETE", path),
            client.call("PUT", path, {"hosts": []}),
            client.call("POST", path + "/associate-queue", {"queues": ["q"]}),
        ):
            assert (reply.status, reply.code) == (404, "DLI.0023")


def test_lists() -> None:
    """Pages in the order of creation; names compared exactly; tags all of them."""
    with sandbox() as client:
        for index in range(105):
            client.create(
                name=f"c{index:03}", tags=[{"key": "even", "value": str(index % 2)}], hosts=hosts(1)
            )
        names = [f"c{index:03}" for index in range(105)]
        assert client.names() == names[:100]
        assert client.names("?limit=0") == names
        assert client.names("?limit=0&offset=103") == names[103:]
        assert client.names("?limit=2&offset=5") == names[5:7]
        assert client.names("?offset=105") == []
        assert client.names("?name=c001") == ["c001"]
        assert client.names("?name=c00") == client.names("?name=C001") == client.names("?name=") == []
        assert client.names("?limit=0&tags=even=1") == names[1::2]
        assert client.names("?tags=even=1,odd=1") == []
        page = client.call("GET", client.base + "?limit=3").json()
        assert (page["count"], page["is_success"], page["message"]) == (3, True, "")
        assert all(item["hosts"] == hosts(1) and item["isPrivis"] is True for item in page["connections"])
        assert page["connections"][0].keys() == {
            "id", "name", "status", "available_queue_info", "elastic_resource_pools", "dest_vpc_id",
            "dest_network_id", "create_time", "hosts", "isPrivis", "ipv6_enable",
        }  # fmt: skip
        for query in (
            "?limit=-1", "?limit=x", "?limit=", "?limit=%D9%A1", "?offset=1.0", "?limit=1&limit=2",
            "?status=CREATING", "?status=", "?tags=", "?tags=k", "?tags==v",
        ):  # fmt: skip
            assert client.call("GET", client.base + query).code == "DLI.0001", query


def test_peerings() -> None:
    """Pools and queues are CREATING, then ACTIVE or FAILED, and a failed one cannot be unbound."""
    rule = "peering-failed:name=bad*"
    pools = {"elastic_resource_pools": ["good", "bad1"], "queues": ["q"]}
    for seconds, good, bad in ((3600, "CREATING", "CREATING"), (0, "ACTIVE", "FAILED")):
        with sandbox(peering_seconds=seconds, faults=[rule]) as client:
            connection_id = client.create(**pools)
            shown = client.show(connection_id)
            assert shown["status"] == "ACTIVE"
            assert [peer["status"] for peer in shown["elastic_resource_pools"]] == [good, bad]
            (queue,) = shown["available_queue_info"]
            assert (queue["name"], queue["status"], queue["err_msg"]) == ("q", good, "")
            assert queue.keys() == {"peer_id", "status", "name", "err_msg", "update_time"}
            assert bool(shown["elastic_resource_pools"][1]["err_msg"]) is (bad == "FAILED")
            path = f"{client.base}/{connection_id}"
            assert client.call("POST", path + "/associate-queue", pools).code == "DLI.0006"
            more = {"elastic_resource_pools": ["more"]}
            assert client.call("POST", path + "/associate-queue", more).status == 200
            assert client.call("POST", path + "/disassociate-queue", more).status == 200
            assert client.call("POST", path + "/disassociate-queue", more).code == "DLI.0002"
            reply = client.call("POST", path + "/disassociate-queue", pools)
            assert reply.status == (400 if bad == "FAILED" else 200)
            left = [peer["name"] for peer in client.show(connection_id)["elastic_resource_pools"]]
            assert left == (["good", "bad1"] if bad == "FAILED" else [])


def test_names() -> None:
    """Two connections may have one name; with unique names the second is refused while the first lives."""
    with sandbox() as client:
        assert client.create() != client.create()
    with sandbox(unique_names=True) as client:
        first = client.create()
        assert client.post().code == "DLI.0006"
        client.call("DELETE", f"{client.base}/{first}")
        client.create()


def test_gateway_errors() -> None:
    """Unknown calls, methods and ids, other projects, big bodies: codes, and a request id on every answer."""
    with sandbox() as client:
        base = client.base
        assert client.call("GET", f"{base}/x").code == "DLI.0023"
        for method, path in (
            ("PATCH", base), ("DELETE", base), ("GET", base + "/"), ("GET", base + "/a/b"), ("GET", "/"),
            ("GET", "/docs"), ("POST", "/openapi.json"), ("OPTIONS", base), ("GET", base + "/a%2Fb"),
        ):  # fmt: skip
            reply = client.call(method, path)
            assert (reply.status, reply.code) == (404, "APIGW.0101"), (method, path)
            assert reply.json()["request_id"] == reply.headers["x-request-id"]
        other = base.replace(client.running.project_id, "0" * 32)
        assert (client.call("GET", other).status, client.call("GET", other).code) == (403, "APIGW.0302")
        assert client.call("POST", base, wanted(), {"X-Auth-Token": client.running.token}).code == "DLI.0001"
        reply = client.call("POST", base, b" " * (MOST_BODY + 1))
        assert (reply.status, reply.code) == (413, "APIGW.0201")
        assert client.call("POST", base, b" " * MOST_BODY).code == "DLI.0001"
        assert "x-request-id" in client.call("GET", base).headers


def test_bodies_without_length() -> None:
    """A chunked body counts towards 12 MB too, and what is no HTTP at all is answered as JSON."""
    with sandbox() as client, client.raw() as connection:
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        head = client.request(b"").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
        connection.sendall(head + chunk * (MOST_BODY // 0x10000 + 1) + b"0\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")
    with sandbox() as client, client.raw() as connection:
        connection.sendall(b"nonsense\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(1000), b""))
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"x-request-id" in answer
        assert b'"error_code":"APIGW.0201"' in answer


def test_rate() -> None:
    """Beyond the rate calls are throttled, those of IAM are not."""
    with sandbox(rate=0) as client:
        reply = client.call("GET", client.base)
        assert (reply.status, reply.code, reply.headers["retry-after"]) == (429, "APIGW.0308", "1")
        assert client.call("GET", "/v3/projects").status == 200
    with sandbox(rate=1_000_000) as client:
        assert client.call("GET", client.base).status == 200


def test_concurrent_calls() -> None:
    """Calls from many threads at once: nothing is lost, nothing doubled, lists are whole."""
    with sandbox() as client:
        seen: list[Any] = []

        def work(number: int) -> None:
            for index in range(10):
                client.create(name=f"c{number}_{index}", hosts=hosts(500))
                seen.append(client.call("GET", client.base + "?limit=0").json()["count"])

        threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(seen) == 60
        assert len(set(client.truth())) == len(client.truth()) == 60


def test_log() -> None:
    """The log tells each arrival in order, with the name and the status."""
    with sandbox() as client:
        connection_id = client.create(name="one")
        client.show(connection_id)
        client.names("?name=two")
        body = b'{"hosts": [{"ip": "10.0.0.1", "name": "h"}], "name": "three"}'
        client.call("POST", client.base, body)
        client.call("GET", "/nowhere")
        arrivals = client.call("GET", "/sandbox/log").json()
        assert arrivals == client.running.log()
        assert [(it["method"], it["name"], it["fault"], it["status"]) for it in arrivals] == [
            ("POST", "one", None, 201), ("GET", "one", None, 200), ("GET", "two", None, 200),
            ("POST", "three", None, 400), ("GET", "", None, 404),
        ]  # fmt: skip
        times = [it["time"] for it in arrivals]
        assert times == sorted(times)


def test_data_is_kept(tmp_path: Path) -> None:
    """With a file, connections and keys outlast the sandbox; it is for its owner alone."""
    path = str(tmp_path / "data")
    with sandbox(data=path) as client:
        client.create(elastic_resource_pools=["p"])
        keys = client.running.store.keys
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o600
    with sandbox(data=path) as client:
        assert client.running.store.keys == keys
        assert client.names() == ["mrs"]
    with sandbox() as client:
        assert client.running.store.keys != keys


@pytest.mark.parametrize("content", [b"text", b"SQLite format 3\0" + b"\0" * 100, b"x" * 5000])
def test_no_file_of_a_sandbox(content: bytes, tmp_path: Path) -> None:
    """A file that no sandbox has made is refused, and not touched."""
    path = tmp_path / "data"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="--data"):
        start(data=str(path))
    assert path.read_bytes() == content


def test_database_of_others(tmp_path: Path) -> None:
    """Neither is another program's database, nor a folder."""
    import sqlite3

    with sqlite3.connect(tmp_path / "data") as database:
        database.execute("CREATE TABLE t (a)")
    database.close()
    before = (tmp_path / "data").read_bytes()
    for path in (tmp_path / "data", tmp_path, tmp_path / "none" / "data"):
        with pytest.raises(UsageError, match="--data"):
            start(data=str(path))
    assert (tmp_path / "data").read_bytes() == before


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.com", "", "localhost.example.com"])
def test_loopback_only(host: str) -> None:
    """It is no server for a network."""
    with pytest.raises(UsageError, match="loopback"):
        start(host=host)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "::1"])
def test_loopback_addresses(host: str) -> None:
    """Every loopback address will do, where the system has it."""
    try:
        running = start(host=host)
    except UsageError as error:
        pytest.skip(str(error))
    with running:
        assert Client(running).create()


def test_ports() -> None:
    """A port in use, and a number that is no port, are clear errors."""
    with sandbox() as client, pytest.raises(UsageError, match="cannot listen"):
        start(port=int(client.address.rpartition(":")[2]))
    for port in (-1, 65536):
        with pytest.raises(UsageError, match="is not a port"):
            start(port=port)
