"""File sharing (XEP-0363): uploads with a limit per file, per person and day, and for all together."""

from __future__ import annotations

from hashlib import shake_256
from http import HTTPStatus
from xml.etree.ElementTree import Element

from pydantic import Field, ValidationInfo, field_validator

from xmpp_wizard.core.errors import RefusedError
from xmpp_wizard.core.kit import web
from xmpp_wizard.core.kit.bench import Bench, Session
from xmpp_wizard.core.kit.feature import (
    Component,
    Contribution,
    Feature,
    Modules,
    Preset,
    ProofStep,
    SecretFile,
    Set,
    Site,
)
from xmpp_wizard.core.kit.proofs import failed, features_of, form_values, service_with
from xmpp_wizard.core.kit.records import address_record
from xmpp_wizard.core.kit.stanzas import element
from xmpp_wizard.core.lua import FileLine
from xmpp_wizard.core.model import OrChosen, Switchable
from xmpp_wizard.core.names import OwnDomain
from xmpp_wizard.core.text import Text, WrongValueError, say

PRESETS: frozenset[Preset] = frozenset(("family", "company", "public"))
MIB = 1024 * 1024
AUTHENTICATION_TAG = 16
"""Bytes that encrypted files are longer than the file itself (AES-GCM, OMEMO media sharing)."""
SECRET = "file_share"  # noqa: S105 the name of the secret's file


class FileSharingAnswers(Switchable):
    """Pictures and other files, kept on the server for a while."""

    host: OrChosen[OwnDomain] = Field(
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
            raise WrongValueError(
                say(
                    "is less than max_file_mb, which is {largest}: files of that size could never be sent",
                    largest=largest,
                )
            )
        daily = info.data.get("daily_mb", 0)
        if quota < daily:
            raise WrongValueError(
                say("is less than one person may send in a day (daily_mb), which is {daily}", daily=daily)
            )
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
        proofs=(ProofStep("upload", say("Send and fetch a file"), prove_upload),),
        records=(address_record(host),),
        secrets=(SecretFile(SECRET),),
    )


UPLOAD = "urn:xmpp:http:upload:0"
PROOF_BYTES = 65536


async def prove_upload(bench: Bench) -> Text:
    """Send a file, fetch it again, compare every byte; a file that is too large must be refused."""
    async with bench.log_in(bench.alice) as session:
        service = await service_with(session, bench.domain, UPLOAD, say("files"))
        # the same on both sides by chance is out of the question: names of proofs' accounts never repeat
        content = shake_256(session.jid.encode()).digest(PROOF_BYTES)
        slot = await _slot(session, service, len(content))
        put, get = slot.find(f"{{{UPLOAD}}}put"), slot.find(f"{{{UPLOAD}}}get")
        if put is None or get is None:
            raise failed(say("{service} answers without addresses for the file", service=service))
        headers = {item.get("name", ""): item.text or "" for item in put}
        headers["Content-Type"] = "application/octet-stream"
        sent = await bench.http("PUT", put.get("url", ""), headers=headers, body=content)
        if sent.status not in (200, 201):
            raise failed(say("the upload was refused with status {status}", status=sent.status))
        fetched = await bench.http("GET", get.get("url", ""))
        if fetched.status != HTTPStatus.OK or fetched.body != content:
            raise failed(
                say(
                    "{size} of {all} bytes came back, status {status}",
                    size=_same(content, fetched.body),
                    all=len(content),
                    status=fetched.status,
                )
            )
        await _check_limit(session, service)
    return say("{size} kB came back byte for byte; a file that is too large is refused", size=PROOF_BYTES // 1024)


async def _slot(session: Session, service: str, size: int) -> Element:
    wish = {"filename": "proof.bin", "size": str(size), "content-type": "application/octet-stream"}
    return await session.request("get", element(f"{{{UPLOAD}}}request", wish), service)


async def _check_limit(session: Session, service: str) -> None:
    limits = form_values(await features_of(session, service)).get("max-file-size") or ["0"]
    too_large = int(limits[0]) + 1
    try:
        await _slot(session, service, too_large)
    except RefusedError:
        return
    raise failed(say("a file of {size} bytes would be taken, more than the limit", size=too_large))


def _same(first: bytes, second: bytes) -> int:
    return sum(one == other for one, other in zip(first, second, strict=False))


FEATURE = Feature(
    name="file_sharing",
    title=say("File sharing"),
    summary=say("Pictures, voice messages and files, to one person or a group."),
    settings=FileSharingAnswers,
    contribute=contribute,
    presets=PRESETS,
    xeps=("XEP-0363",),
)
