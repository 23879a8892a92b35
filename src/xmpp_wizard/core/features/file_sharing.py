"""File sharing (XEP-0363): uploads with a limit per file, per person and day, and for all together."""

from __future__ import annotations

from pydantic import Field, model_validator

from xmpp_wizard.core import web
from xmpp_wizard.core.feature import Component, Contribution, Feature, Modules, Preset, SecretFile, Set, Site
from xmpp_wizard.core.lua import FileLine
from xmpp_wizard.core.model import Switchable
from xmpp_wizard.core.names import Domain
from xmpp_wizard.core.records import address_record
from xmpp_wizard.core.text import say

PRESETS: frozenset[Preset] = frozenset(("family", "company", "public"))
MIB = 1024 * 1024
AUTHENTICATION_TAG = 16
"""Bytes that encrypted files are longer than the file itself (AES-GCM, OMEMO media sharing)."""
SECRET = "file_share"  # noqa: S105 the name of the secret's file


class FileSharingAnswers(Switchable):
    """Pictures and other files, kept on the server for a while."""

    host: Domain | None = Field(
        default=None, title="Name of the service", description="On the main domain; left out: share. below it."
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

    @model_validator(mode="after")
    def _quotas_hold_a_file(self) -> FileSharingAnswers:
        for key, quota in (("daily_mb", self.daily_mb), ("total_mb", self.total_mb)):
            if quota < self.max_file_mb:
                message = (
                    f"{key} is {quota}, less than max_file_mb, which is {self.max_file_mb}: "
                    "files of that size could never be sent"
                )
                raise ValueError(message)
        if self.total_mb < self.daily_mb:
            message = f"total_mb is {self.total_mb}, less than one person may send in a day (daily_mb, {self.daily_mb})"
            raise ValueError(message)
        return self


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
