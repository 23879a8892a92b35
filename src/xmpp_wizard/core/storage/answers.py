"""What a person can say about where accounts, contacts and history are kept."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from xmpp_wizard.core.model import Model, OrChosen
from xmpp_wizard.core.storage.place import FILES, STORES, Place
from xmpp_wizard.core.text import WrongValueError, say
from xmpp_wizard.core.values import AbsolutePath, PortNumber, SecretPath


class ExternalAnswers(Model):
    """For backend = external: a database server that somebody else looks after."""

    driver: Literal["postgresql", "mysql"] = Field(
        default="postgresql",
        title="Kind of database",
        description="postgresql: from version 12. mysql: MariaDB from 10.5, or MySQL from 8.0.",
    )
    host: str = Field(
        default="localhost",
        max_length=255,
        pattern="^[A-Za-z0-9.:_-]+$",
        title="Database server",
        description="Its name or address, as its certificate has it. All but this machine is reached over TLS only.",
        examples=["db.example.org"],
    )
    port: OrChosen[PortNumber] = Field(
        default=None, title="Its port", description="Left out: 5432 for postgresql, 3306 for mysql."
    )
    database: str = Field(
        default="prosody",
        max_length=63,
        pattern="^[A-Za-z0-9_-]+$",
        title="Name of the database",
        description="It must be there, with nothing else in it; tables are made by themselves.",
    )
    user: str = Field(
        default="prosody",
        max_length=63,
        pattern="^[A-Za-z0-9_.@-]+$",
        title="User of the database",
        description="Who owns that database, or has all rights in it.",
    )
    password_file: SecretPath | None = Field(
        default=None,
        title="File with the user's password",
        description="One line; only root should be able to read it.",
        examples=["/root/database-password.txt"],
    )
    trusted_roots: OrChosen[AbsolutePath] = Field(
        default=None,
        title="File with the database's authority",
        description="Certificates (PEM) to believe; left out, those that the whole world believes.",
        examples=["/root/database-ca.pem"],
    )


class _Used(ExternalAnswers):
    """The same where they are needed."""

    password_file: SecretPath


class StorageAnswers(Model):
    """Where accounts, contacts and history are kept."""

    backend: Literal["internal", "sqlite", "postgresql", "mariadb", "external"] = Field(
        default="sqlite",
        title="Storage",
        description="sqlite: one database file, right up to a few hundred people. postgresql, mariadb: a database "
        "server of its own, for more. external: one that you have. internal: plain files.",
    )
    in_files: tuple[Literal["history", "room_history", "waiting"], ...] = Field(
        default=(),
        title="Kept as plain files",
        description="Whatever the storage. history: people's archives. room_history: what was said in rooms. waiting: "
        "messages for those who are away. At most 10000 messages a person or room.",
        examples=[["history", "room_history"]],
    )
    external: ExternalAnswers = Field(default=ExternalAnswers(), title="Your own database server")

    @property
    def place(self) -> Place:
        """Return where data are to be kept."""
        return Place(self.backend, self.in_files)

    @field_validator("in_files")
    @classmethod
    def _leaves_something(cls, in_files: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if in_files and info.data.get("backend") == FILES:
            raise WrongValueError(
                say("all is in plain files already: leave this out, or choose another storage.backend")
            )
        return tuple(kind for kind in STORES if kind in in_files)

    @field_validator("external")
    @classmethod
    def _has_a_password(cls, external: ExternalAnswers, info: ValidationInfo) -> ExternalAnswers:
        if info.data.get("backend") == "external":
            # what it raises is told of the very answer that is missing
            _Used.model_validate(external.model_dump(exclude_none=True))
        return external
