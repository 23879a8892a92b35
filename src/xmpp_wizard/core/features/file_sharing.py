"""File sharing (XEP-0363): uploads with a limit per file, per person and day, and for all together."""

from __future__ import annotations

from pydantic import Field, ValidationInfo, field_validator

from xmpp_wizard.core import web
from xmpp_wizard.core.feature import Component, Contribution, Feature, Modules, Preset, SecretFile, Set, Site
from xmpp_wizard.core.lua import FileLine
from xmpp_wizard.core.model import Switchable
from xmpp_wizard.core.names import OwnDomain
from xmpp_wizard.core.records import address_record
from xmpp_wizard.core.text import say

PRESETS: frozenset[Preset] = frozenset(("family", "company", "public"))
MIB = 1024 * 1024
AUTHENTICATION_TAG = 16
"""Bytes that encrypted files are longer than the file itself (AES-GCM, OMEMO media sharing)."""
SECRET = "file_share"  # noqa: S105 the name of the secret's file


class FileSharingAnswers(Switchable):
    """Pictures and other files, kept on the server for a while."""

    host: OwnDomain | None = Field(
        default=None,
        title="Name of the service",
        description="On the main domain; left out: share. below it.",
        examples=["files.example.org"],
    )
    max_file_mb: int = Field(default=100, ge=1, le=100000, title="Largest file (MB)", description="For one file.")
    daily_mb: int = Field(
        default=1024, ge=1, le=10_000_000, title="Per person and day (MB)", description="All files of a day together."
    )
    total_mb: int = Field(
        default=10240,
        ge=1,
        le=100_000_000,
        title="All files together (MB)",
        description="The disk space that files may take, per domain.",
    )
    keep_days: int = Field(
        default=30,
        ge=1,
        le=3650,
        title="Keep files (days)",
        description="Then they are deleted; files of deleted accounts too stay so long.",
    )

    @field_validator("daily_mb", "total_mb")
    @classmethod
    def _holds_what_is_allowed(cls, quota: int, info: ValidationInfo) -> int:
        largest = info.data.get("max_file_mb", 0)
        if quota < largest:
            message = f"is less than max_file_mb, which is {largest}: files of that size could never be sent"
            raise ValueError(message)
        daily = info.data.get("daily_mb", 0)
        if quota < daily:
            message = f"is less than one person may send in a day (daily_mb), which is {daily}"
            raise ValueError(message)
        return quota


def contribute(answers: FileSharingAnswers, site: Site) -> Contribution:
    """Return the upload service; its secret is kept, so that upload slots outlive a restart."""
    host = site.service_host("share", answers.host)
    return Contribution(
        settings=web.https_settings(site),
        components=(
            Component(
                host=host,
                module="http_file_share",
                title=str(say("File sharing")),
                modules=Modules(),
                settings={
                    **web.host_settings(site, host),
                    "http_paths": Set({"file_share": "/upload"}),
                    "http_file_share_secret": Set(FileLine(f"/secrets/{SECRET}")),
                    "http_file_share_size_limit": Set(answers.max_file_mb * MIB + AUTHENTICATION_TAG),
                    "http_file_share_daily_quota": Set(answers.daily_mb * MIB + AUTHENTICATION_TAG),
                    "http_file_share_global_quota": Set(answers.total_mb * MIB + AUTHENTICATION_TAG),
                    "http_file_share_expires_after": Set(f"{answers.keep_days}d"),
                },
                federates=False,
            ),
        ),
        ports=(web.https_port(site),),
        records=(address_record(host),),
        secrets=(SecretFile(SECRET),),
    )


FEATURE = Feature(
    name="file_sharing",
    title=say("File sharing"),
    summary=say("Pictures, voice messages and files, to one person or a group."),
    settings=FileSharingAnswers,
    contribute=contribute,
    presets=PRESETS,
    xeps=("XEP-0363",),
)
