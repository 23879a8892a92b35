"""People with a signed token (JWT) log in, and nobody with any other: forged, stolen, old, or meant for elsewhere."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.server.machine import PORTS, Server, told
from tests.e2e.server.proving import proven, red
from tests.e2e.server.tokens import Issuer, base64, claims
from tests.e2e.server.xmpp import SASL, Client, RefusedLogInError, Stream, log_in

pytestmark = pytest.mark.e2e

ISSUER = "https://club.example"
ALGORITHMS = ("HS256", "RS256", "ES256")


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    """Give somebody who makes tokens."""
    return Issuer()


@pytest.fixture(scope="module", params=["HS256", "RS256", pytest.param("ES256", marks=pytest.mark.long)])
def club(
    request: pytest.FixtureRequest, image: str, issuer: Issuer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Give a server whose people have tokens, once for each way of signing them."""
    assert image
    with Server(tmp_path_factory.mktemp("club")) as server:
        server.apply(answers(server, issuer, request.param))
        yield server


def answers(server: Server, issuer: Issuer, algorithm: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 any answer
    """Return answers for tokens, with the files that they name."""
    root = server.root
    # as an editor on Windows leaves it
    (root / "secret").write_bytes(f"{issuer.secret}\r\n".encode())
    jwt: dict[str, Any] = {"enabled": True, "algorithm": algorithm, "issuer": ISSUER}
    if algorithm == "HS256":
        jwt["secret_file"] = str(root / "secret")
    else:
        (root / "public.pem").write_text(issuer.public_key(algorithm))
        lasting = {"iss": ISSUER, "exp": int(time.time()) + 86400}
        proof = [issuer.token(algorithm, claims(server.domain, f"xw-proof-{one}", **lasting)) for one in (1, 2)]
        (root / "proof").write_text("\n".join(proof) + "\n")
        jwt |= {"public_key_file": str(root / "public.pem"), "proof_tokens_file": str(root / "proof")}
    return {
        "features.invitations.enabled": False,
        **{f"features.jwt.{key}": value for key, value in {**jwt, **more}.items() if value is not None},
    }


def algorithm_of(server: Server) -> str:
    """Return how tokens are signed on this server."""
    return next(name for name in ALGORITHMS if name in server.file.read_text())


def token(server: Server, issuer: Issuer, name: str = "ann", **more: Any) -> str:  # noqa: ANN401 any claim
    """Return a token that is right but for what is said."""
    return issuer.token(algorithm_of(server), claims(server.domain, name, **{"iss": ISSUER, **more}))


def condition(server: Server, name: str, password: str) -> str:
    """Return why somebody is not let in."""
    with pytest.raises(RefusedLogInError) as caught:
        server.log_in(name, password)
    return str(caught.value).partition(" ")[0].rpartition("}")[2]


def test_who_has_a_token_gets_in_by_its_name_or_address(club: Server, issuer: Issuer) -> None:
    now = int(time.time())
    right: list[dict[str, Any]] = [
        {},
        {"sub": f"ann@{club.domain}"},
        {"sub": "Ann"},
        {"aud": ["else.example", club.domain]},
        {"exp": now - 20},
        {"nbf": now + 20, "iat": None},
        {"groups": ["a group with a long name"] * 60},
    ]
    for more in right:
        with club.log_in("ann", token(club, issuer, **more)) as ann:
            ann.ping()
    assert club.json("user", "list")["users"] == [f"ann@{club.domain}"]


def attacks(server: Server, issuer: Issuer) -> dict[str, str]:
    """Return tokens that must let nobody in as ann, by what is wrong with them."""
    now, other = int(time.time()), Issuer("somebody else's secret, which is long enough")
    right = token(server, issuer)
    head, body, signature = right.split(".")
    said = claims(server.domain, iss=ISSUER)
    changed = base64(f'{{"sub":"ann","aud":"{server.domain}","iss":"{ISSUER}","exp":{now + 9}}}'.encode())
    none = [base64(f'{{"alg":"{name}"}}'.encode()) for name in ("none", "None", "")]
    endless = json.dumps({**said, "exp": 9}).replace(": 9", ": 1e999")
    return {
        "no algorithm": f"{none[0]}.{body}.",
        "no algorithm, written otherwise": f"{none[1]}.{body}.{signature}",
        "an empty algorithm": f"{none[2]}.{body}.AA",
        "a signature by somebody else": other.token(algorithm_of(server), said),
        "changed after it was signed": f"{head}.{changed}.{signature}",
        "a public key as the secret": issuer.token("HS256", said, key=issuer.public_key("RS256")),
        "a public key's first line as the secret": issuer.token("HS256", said, key="-----BEGIN PUBLIC KEY-----"),
        "an EC key as the secret": issuer.token("HS256", said, key=issuer.public_key("ES256")),
        "another way of signing": issuer.token("RS256" if algorithm_of(server) != "RS256" else "ES256", said),
        "without an end": token(server, issuer, exp=None),
        "an end that is no time": token(server, issuer, exp="tomorrow"),
        "an end that never comes": issuer.signed(algorithm_of(server), f'{{"alg":"{algorithm_of(server)}"}}', endless),
        "not yet": token(server, issuer, nbf=now + 120),
        "made tomorrow": token(server, issuer, iat=now + 86400),
        "for another audience": token(server, issuer, aud="else.example"),
        "for others only": token(server, issuer, aud=["else.example"]),
        "for nobody": token(server, issuer, aud=None),
        "for no audience at all": token(server, issuer, aud=[]),
        "by another issuer": token(server, issuer, iss="https://else.example"),
        "by no issuer": token(server, issuer, iss=None),
        "somebody else's": token(server, issuer, "eve"),
        "somebody's elsewhere": token(server, issuer, sub="ann@else.example"),
        "a device's": token(server, issuer, sub=f"ann@{server.domain}/phone"),
        "nobody's": token(server, issuer, sub=None),
        "no name": token(server, issuer, sub=["ann"]),
        "with demands": issuer.token(algorithm_of(server), said, crit=["exp"]),
        "no token": "a long pass phrase",
        "empty parts": "..",
        "no JSON": f"{base64(b'hello')}.{base64(b'hello')}.{signature}",
        "no base64": f"{head}.{body}A.{signature}",
        "another signature": f"{head}.{body}.{signature[:-4]}AAAA",
        "the secret itself": issuer.secret,
        "too large": "a" * 5000,
    }


def test_no_other_token_gets_in(club: Server, issuer: Issuer) -> None:
    for what, attack in attacks(club, issuer).items():
        assert condition(club, "ann", attack) == "not-authorized", what
    assert condition(club, "ann", token(club, issuer, exp=int(time.time()) - 61)) == "credentials-expired"
    said = club.cli("logs", "--lines", "500")
    assert "Traceback" not in said.stdout
    assert issuer.secret not in said.stdout


@pytest.mark.parametrize("club", ["HS256"], indirect=True)
def test_nothing_is_sent_without_encryption_and_no_password_works(club: Server, issuer: Issuer) -> None:
    plain = base64(f"\0ann\0{token(club, issuer)}".encode())
    with Stream((club.address, PORTS["client"]), club.domain, "none") as stream:
        assert not list(stream.features.iter(f"{{{SASL}}}mechanism"))
        stream.send(f"<auth xmlns='{SASL}' mechanism='PLAIN'>{plain}</auth>")
        assert stream.read().tag == f"{{{SASL}}}failure"
    done = club.cli("user", "add", "mallory", "--password-stdin", stdin="a long pass phrase\n")
    assert done.returncode != 0
    assert "Accounts begin with the first log-in by a token" in " ".join(told(done).split())


@pytest.mark.parametrize("club", ["HS256"], indirect=True)
def test_nobody_gets_a_token_of_the_servers_own_that_outlives_the_websites(club: Server, issuer: Issuer) -> None:
    plain = b64encode(f"\0ann\0{token(club, issuer)}".encode()).decode()
    with Stream((club.address, PORTS["client"]), club.domain, roots=club.authority()) as stream:
        stream.send(
            f"<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>{plain}</initial-response>"
            "<user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'/>"
            "<request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-NONE'/></authenticate>"
        )
        answer = stream.read()
    assert answer.tag == "{urn:xmpp:sasl:2}success"
    assert answer.find("{urn:xmpp:fast:0}token") is None


@pytest.mark.parametrize("club", ["HS256", "RS256"], indirect=True)
def test_the_proof_logs_in_and_leaves_nothing(club: Server) -> None:
    found = proven(club)
    assert red(found) == set()
    assert "jwt" in found
    assert not [path for path in (club.state / "data").rglob("*xw%2dproof*") if path.is_file()]


@pytest.mark.parametrize("club", ["HS256"], indirect=True)
def test_who_was_deleted_stays_out_while_the_name_is_reserved(club: Server, issuer: Issuer) -> None:
    with club.log_in("bob", token(club, issuer, "bob")):
        assert club.cli("user", "delete", "bob", "--yes").returncode == 0
    assert condition(club, "bob", token(club, issuer, "bob")) == "account-disabled"
    assert f"bob@{club.domain}" not in club.json("user", "list")["users"]


@pytest.mark.parametrize("club", ["HS256"], indirect=True)
def test_who_leaves_is_out_and_can_be_brought_back(club: Server, issuer: Issuer) -> None:
    with club.log_in("dora", token(club, issuer, "dora")) as dora:
        dora.send("<iq type='set' id='bye'><query xmlns='jabber:iq:register'><remove/></query></iq>")
        assert dora.wait(lambda stanza: stanza.get("id") == "bye").get("type") == "result"
    assert condition(club, "dora", token(club, issuer, "dora")) == "account-disabled"
    club.inside("prosodyctl", "shell", "user", "enable", f"dora@{club.domain}")
    with club.log_in("dora", token(club, issuer, "dora")) as dora:
        dora.ping()
    club.cli("user", "delete", "dora", "--yes")


def other_domain(server: Server, domain: str, password: str) -> Client:
    return log_in(server.address, PORTS["client"], f"ann@{domain}", password, roots=server.authority())


@pytest.mark.parametrize("club", ["RS256"], indirect=True)
def test_a_token_opens_one_domain_and_each_is_proven(club: Server, issuer: Issuer) -> None:
    other = f"other-{club.domain}"
    secret = answers(club, issuer, "HS256", audience="chat", secret_file=None)
    club.apply({**secret, "extra_domains": [other]})
    own = Issuer((club.settings / "secrets/prosody/jwt").read_text().strip())
    here = own.token("HS256", claims("chat", iss=ISSUER))
    there = own.token("HS256", claims(other, iss=ISSUER))
    with club.log_in("ann", here) as ann, other_domain(club, other, there) as twin:
        ann.ping()
        twin.ping()
    for domain, wrong in ((club.domain, there), (other, here)):
        with pytest.raises(RefusedLogInError):
            other_domain(club, domain, wrong)
    found = proven(club)
    assert red(found) == set()
    assert {"jwt", f"{other}/jwt"} <= set(found)


WRONG: list[tuple[str, dict[str, Any], int, str]] = [
    ("short", {"algorithm": "HS256", "secret_file": "short"}, 5, "has 12 bytes, which is too short"),
    ("missing", {"algorithm": "HS256", "secret_file": "nowhere"}, 5, "features.jwt.secret_file) cannot be read"),
    ("other kind", {"algorithm": "RS256", "public_key_file": "public.pem"}, 5, "RS256 needs a public key of the kind"),
    ("no key", {"algorithm": "RS256"}, 4, "RS256 needs the public key of who signs the tokens"),
    ("a key for a secret", {"algorithm": "HS256", "public_key_file": "public.pem"}, 4, "HS256 has no public key"),
    ("a private key", {"algorithm": "ES256", "public_key_file": "private"}, 5, "this is a private key"),
]


@pytest.mark.parametrize("club", ["RS256"], indirect=True)
@pytest.mark.parametrize(("what", "said", "status", "words"), WRONG, ids=[what for what, *_ in WRONG])
def test_a_wrong_answer_is_told_before_anything_is_changed(
    club: Server, issuer: Issuer, what: str, said: dict[str, Any], status: int, words: str
) -> None:
    assert what
    (club.root / "public.pem").write_text(issuer.public_key("ES256"))
    (club.root / "short").write_text("hello, world\nand more of it in the next line, which does not count\n")
    (club.root / "private").write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    named = {
        f"features.jwt.{key}": str(club.root / value) if key.endswith("_file") else value for key, value in said.items()
    }
    before = club.snapshot()
    done = club.try_apply({"features.invitations.enabled": False, "features.jwt.enabled": True, **named})
    assert (done.returncode, words in " ".join(done.stderr.split())) == (status, True), told(done)
    assert club.snapshot() == before


@pytest.mark.parametrize("club", ["RS256"], indirect=True)
def test_other_ways_to_get_in_are_refused_by_name(club: Server, issuer: Issuer) -> None:
    for other in ("ldap", "invitations"):
        done = club.try_apply({**answers(club, issuer, "RS256"), f"features.{other}.enabled": True})
        assert done.returncode == 4, told(done)
        assert f"features.{other}" in done.stderr
        assert "features.jwt" in done.stderr
    assert issuer.secret.encode() not in Path(club.file).read_bytes()
