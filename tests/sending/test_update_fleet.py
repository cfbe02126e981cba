"""Sixty connections, of which two lists changed: exactly that is planned and applied; then all is equal."""

from __future__ import annotations

from pathlib import Path

from inside import inside
from serving import Client

from importer.sandbox.serve import Running

FORMER = [("10.0.0.1", "a"), ("10.0.0.2", "b"), ("10.0.0.3", "c")]
CHANGED = {
    7: [("10.0.0.1", "a"), ("10.0.0.2", "B"), ("10.0.0.4", "d")],
    21: [("10.0.0.9", "b"), ("10.0.0.3", "c"), ("10.0.0.1", "a")],
    33: [*reversed(FORMER)],
}
"""By number: a host added, one removed, one respelled; a host moved; the order only."""
SHOWN = """\
update: c_07, 3 hosts from jobs.toml: hosts of "c_07" (+1 -1 ~0 =1)
  + 10.0.0.4 d
  - 10.0.0.3 c
  = 10.0.0.2 b -> B
update: c_21, 3 hosts from jobs.toml: hosts of "c_21" (+0 -0 ~1)
  ~ 10.0.0.2 -> 10.0.0.9 b
"""
MARKDOWN = """\
### update: c_07, 3 hosts (+1 -1 ~0 =1)

```diff
+ 10.0.0.4 d
- 10.0.0.3 c
= 10.0.0.2 b -> B
```

### update: c_21, 3 hosts (+0 -0 ~1)

```diff
~ 10.0.0.2 -> 10.0.0.9 b
```

plan: 0 to create, 2 to update (+1 -1 ~1 =1), 58 unchanged, 0 in conflict
"""


def test_sixty_connections(sandbox: Running, folder: Path) -> None:
    """Plan, submit, read back, plan again; and the difference as Markdown for a merge request."""
    client = Client(sandbox)
    jobs = '[defaults]\nvpc = "V"\nsubnet = "S"\nupdate = true\n'
    wanted = {}
    for number in range(60):
        name, pairs = f"c_{number:02}", CHANGED.get(number, FORMER)
        there = [{"ip": ip, "name": host} for ip, host in FORMER]
        wanted[name] = sorted(pairs)
        client.create(name=name, dest_vpc_id="V", dest_network_id="S", hosts=there)
        lines = ", ".join(f'"{ip} {host}"' for ip, host in pairs)
        jobs += f'[[connection]]\nname = "{name}"\nhosts = [{lines}]\n'
    (folder / "jobs.toml").write_text(jobs, encoding="utf-8")
    plan = ("plan", "jobs.toml", "--online", "--detailed-exitcode")
    told = inside(sandbox, folder, *plan)
    assert told.status == 3
    changes = [line for line in told.out.splitlines(keepends=True) if not line.startswith("unchanged: ")]
    assert "".join(changes) == SHOWN
    last = "plan: 0 to create, 2 to update (+1 -1 ~1 =1), 58 unchanged, 0 in conflict"
    last += "; next: dli-hosts submit jobs.toml"
    assert told.err.splitlines()[-1] == last
    told = inside(sandbox, folder, *plan, "-q", "--output-format", "markdown")
    assert told.out == MARKDOWN
    sent = inside(sandbox, folder, "submit", "jobs.toml", "--settle", "0.3", "-q")
    assert (sent.status, sent.out.count("updated: "), sent.out.count("exists: ")) == (0, 2, 58)
    there_now = {one.name: sorted(sandbox.store.hosts(one.id)) for one in sandbox.store.connections()}
    assert there_now == wanted
    told = inside(sandbox, folder, *plan)
    assert (told.status, told.out.count("unchanged: ")) == (0, 60)
    assert told.err.splitlines()[-1] == "plan: 0 to create, 0 to update, 60 unchanged, 0 in conflict"
