"""Accounts and admins: log-in, passwords, leaving (XEP-0077), admin commands (XEP-0133); always on."""

from __future__ import annotations

from pydantic import Field

from xmpp_wizard.core.feature import Contribution, Feature, Modules, Set, Site
from xmpp_wizard.core.model import Model
from xmpp_wizard.core.records import address_record, service_record
from xmpp_wizard.core.text import say

CLIENT_PORT = 5222
"""Where apps knock without an SRV record (RFC 6120 3.2)."""


class AccountsAnswers(Model):
    """Accounts of your people."""

    undo_deletion_days: int = Field(
        default=7,
        ge=0,
        le=365,
        title="Undo a deletion for (days)",
        description="Somebody who deletes their own account can be brought back for so long; 0: gone at once.",
    )
    reserve_names_days: int = Field(
        default=60,
        ge=1,
        le=3650,
        title="Reserve names of deleted accounts (days)",
        description="So long nobody else gets the address, and with it the messages, of somebody who left.",
    )


def contribute(answers: AccountsAnswers, site: Site) -> Contribution:
    """Return log-in, account management and admin tools; nobody can register unless another feature lets them."""
    port = site.client_port
    return Contribution(
        modules=Modules(
            core=(
                "account_activity",
                "admin_adhoc",
                "admin_shell",
                "disco",
                "mimicking",
                "saslauth",
                "tls",
                "tombstones",
                "user_account_management",
            ),
            community=("password_policy",),
        ),
        settings={
            "allow_registration": Set(value=False),
            "user_tombstone_expiry": Set(f"{answers.reserve_names_days}d"),
            **(
                {"registration_delete_grace_period": Set(f"{answers.undo_deletion_days}d")}
                if answers.undo_deletion_days
                else {}
            ),
        },
        records=(
            address_record(site.domain),
            service_record("xmpp-client", site.domain, 10, port, is_required=port != CLIENT_PORT),
        ),
    )


FEATURE = Feature(
    name="accounts",
    title=say("Accounts"),
    summary=say("Addresses with a password, and tools for the admins."),
    settings=AccountsAnswers,
    contribute=contribute,
    xeps=("RFC 6120", "XEP-0030", "XEP-0050", "XEP-0077", "XEP-0133"),
)
