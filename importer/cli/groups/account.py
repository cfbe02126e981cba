"""The options that name the server to send to and the credentials. No option takes a secret itself."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from importer.cli.groups import Group
from importer.errors import UsageError
from importer.system import home_folder

if TYPE_CHECKING:
    from importer.calling.account import Target
    from importer.calling.transport import Network


def add_account(parser: argparse.ArgumentParser) -> None:
    """Add the group `account`."""
    place = parser.add_argument_group("account")
    group = Group("account", place)
    group.add("--region", metavar="ID", default="", help="region: cn-north-4, ap-southeast-3, ...")
    group.add(
        "--project-id",
        metavar="ID",
        default="",
        help="project (default: that of the region, which is looked up)",
    )
    group.add("--endpoint", metavar="URL", default="", help="DLI's endpoint (default: that of the region)")
    group.add(
        "--iam-endpoint", metavar="URL", default="", help="IAM's endpoint (default: that of the region)"
    )
    group.repeatable(
        "--allow-endpoint",
        metavar="HOST",
        help="a further host, or HOST:PORT, that credentials may be sent to (repeatable)",
    )
    secrets = Group("account", place.add_mutually_exclusive_group())
    secrets.add(
        "--credentials",
        reads=True,
        metavar="FILE",
        default="",
        help="file with the section [basic], or what `dli-hosts sandbox` printed "
        "(default: the environment, then ~/.huaweicloud/credentials)",
    )
    secrets.add("--token-file", reads=True, metavar="FILE", default="", help="file with an IAM token")
    secrets.add(
        "--token-stdin", reads=True, action="store_true", help="read an IAM token from standard input"
    )
    group.add("--proxy", metavar="URL", default="", help="proxy (default: HTTPS_PROXY and NO_PROXY)")
    group.add(
        "--ca-bundle",
        reads=True,
        metavar="FILE",
        default="",
        help="certificates to verify servers with (default: REQUESTS_CA_BUNDLE ...)",
    )


def target_of(options: argparse.Namespace) -> Target:
    """Where the options, the environment and the home folder say to send. Uses no network.

    Raises UsageError and CredentialsError.
    """
    from importer.calling.account import AccountOptions, find_target

    if options.token_stdin and (sys.stdin is None or sys.stdin.isatty()):
        raise UsageError(
            "--token-stdin needs a token on standard input, which is a terminal or closed",
            hint="pipe it in: COMMAND | dli-hosts ... --token-stdin; or use --token-file FILE",
        )
    if options.token_stdin and "-" in getattr(options, "files", ()):
        raise UsageError(
            "standard input cannot hold both a token and a list", hint="use --token-file FILE for the token"
        )
    given = AccountOptions(
        region=options.region,
        project_id=options.project_id,
        endpoint=options.endpoint,
        iam_endpoint=options.iam_endpoint,
        allowed=tuple(options.allow_endpoint),
        credentials_file=options.credentials,
        token_file=options.token_file,
        token_stdin=sys.stdin if options.token_stdin else None,
    )
    return find_target(given, environ=os.environ, home=home_folder())


def network_of(options: argparse.Namespace, target: Target) -> Network:
    """How to reach the target's servers. Raises UsageError."""
    from importer.calling.network import network_settings

    servers = [origin for origin in (target.endpoint, target.iam_endpoint) if origin]
    return network_settings(servers, environ=os.environ, proxy=options.proxy, ca_bundle=options.ca_bundle)
