"""Each feature as somebody uses it: switched on, with the examples of its own questions, on a small server."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError

from xmpp_wizard.core.answers.model import Answers, answers_model
from xmpp_wizard.core.features import all_features
from xmpp_wizard.core.kit.feature import Feature
from xmpp_wizard.core.model import Switchable
from xmpp_wizard.core.wanted.desired import Desired, desired

DOMAIN = "example.org"
PRESET = "minimal"
"""What is on beside the feature: as little as people can talk with."""
CONTENTS = {
    ".lua": "module:set_global();\n",
    ".pfw": "::deliver\nFROM: spam@spam.example\nDROP.\n",
    ".svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"></svg>\n',
    ".txt": "a pass phrase that is long enough\n",
}


def example_answers(feature: Feature[Any]) -> dict[str, Any]:
    """Return its answers: on, and each list and text that does nothing while it is empty as its example has it.

    What is chosen for people while it is left out (None) stays so, and so does what the other answers refuse.
    """
    found: dict[str, Any] = {"enabled": True} if issubclass(feature.settings, Switchable) else {}
    for key, field in feature.settings.model_fields.items():
        if field.get_default(call_default_factory=True) in ((), "") and field.examples:
            try:
                feature.settings.model_validate({**found, key: field.examples[0]})
            except ValidationError:
                continue
            found[key] = field.examples[0]
    return found


def with_and_without(feature: Feature[Any], answers: Answers) -> tuple[Desired, Desired]:
    """Return the server of these answers with the feature, and the same one as if there were no such feature."""
    others = [each for each in all_features() if each.name != feature.name and answers.features.is_on(each)]
    return desired(answers, features=[*others, feature]), desired(answers, features=others)


def typical_answers(features: dict[str, dict[str, Any]]) -> Answers:
    """Return the answers of a small server, with those given for some features."""
    return answers_model().model_validate(
        {"domain": DOMAIN, "admins": ["alice"], "features": {"preset": PRESET, **features}}
    )


def staged(answers: Mapping[str, Any], folder: Path, domain: str) -> dict[str, Any]:
    """Return the answers for a server of ``domain``, with the files that they name in ``folder``, and make these."""

    def moved(value: Any) -> Any:  # noqa: ANN401 any answer
        if isinstance(value, list):
            return [moved(item) for item in value]
        if isinstance(value, dict):
            return {key: moved(item) for key, item in value.items()}
        if not isinstance(value, str):
            return value
        if not value.startswith("/root/"):
            return value.replace(DOMAIN, domain)
        file = folder / value.removeprefix("/root/")
        file.write_text(content(file))
        return str(file)

    return {key: moved(value) for key, value in answers.items()}


def content(file: PurePath) -> str:
    """Return what may be in a file that an answer names, by the end of its name."""
    return certificate() if file.suffix == ".pem" else CONTENTS.get(file.suffix, CONTENTS[".txt"])


def certificate() -> str:
    """Return a certificate of an authority that certifies nobody, PEM."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "an authority of a test")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(2))
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
