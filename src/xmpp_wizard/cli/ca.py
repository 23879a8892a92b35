"""``xmpp-wizard ca``: the local authority's root certificate, for phones and desktops to trust."""

from __future__ import annotations

import argparse
import binascii

from xmpp_wizard.cli.commands import COMMANDS
from xmpp_wizard.cli.context import Context, write_out
from xmpp_wizard.cli.output import print_json
from xmpp_wizard.cli.parser import Subparsers, add_command
from xmpp_wizard.engine.certificates.live import root_certificate

_EXAMPLES = """
sudo xmpp-wizard ca > root.crt
sudo xmpp-wizard ca --der > root.cer       for some phones
"""


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "ca", COMMANDS["ca"].summary, run, examples=_EXAMPLES)
    parser.add_argument("--der", action="store_true", help="in binary form (DER) instead of PEM")


def run(arguments: argparse.Namespace) -> int:
    """Print the certificate."""
    context: Context = arguments.context
    pem = root_certificate(context.world, context.layout)
    if context.as_json:
        print_json({"pem": pem.decode()})
    else:
        write_out(_der(pem) if arguments.der else pem)
    return 0


def _der(pem: bytes) -> bytes:
    """Return the binary form (RFC 7468: base64 between two marks)."""
    lines = pem.decode().split("-----BEGIN CERTIFICATE-----")[1].split("-----END CERTIFICATE-----")[0]
    return binascii.a2b_base64(lines)
