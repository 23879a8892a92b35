"""Messages of STUN, byte for byte as the test vectors of RFC 5769 have them."""

from __future__ import annotations

import pytest

from xmpp_wizard.effects import stun

SIGNED = bytes.fromhex(
    "00010060 2112a442 78ad3433c6ad72c029da412e"
    "00060012 e3839ee38388e383aae38383e382afe382b9 0000"
    "0015001c 662f2f3439396b39353464364f4c33346f4c394653547679363473 41"
    "0014000b 6578616d706c652e6f7267 00"
    "00080014 f67024656dd64a3e02b8e0712e85c9a28ca89666"
)
ANSWERS = {
    ("192.0.2.1", 32853): "0101000c 2112a442 b7e7a701bc34d686fa87dfae 00200008 0001a147e112a643",
    ("2001:db8:1234:5678:11:2233:4455:6677", 32853): (
        "01010018 2112a442 b7e7a701bc34d686fa87dfae 00200014 0002a147 0113a9faa5d3f179bc25f4b5bed2b9d9"
    ),
}


def test_a_request_is_signed_with_a_long_term_password() -> None:
    name, realm = "\u30de\u30c8\u30ea\u30c3\u30af\u30b9", "example.org"
    message = stun.decoded(SIGNED)
    assert message.value(stun.USERNAME) == name.encode()
    unsigned = stun.Message(message.kind, message.transaction, message.attributes[:-1])
    assert stun.encoded(unsigned, stun.long_term_key(name, realm, "TheMatrIX")) == SIGNED


@pytest.mark.parametrize(("place", "answer"), ANSWERS.items(), ids=["IPv4", "IPv6"])
def test_an_address_is_read_and_written(place: tuple[str, int], answer: str) -> None:
    message = stun.decoded(bytes.fromhex(answer))
    assert message.place(stun.XOR_MAPPED_ADDRESS) == place
    assert stun.masked(place, message.transaction) == message.value(stun.XOR_MAPPED_ADDRESS)


def test_a_refusal_has_code_and_reason() -> None:
    refusal = stun.Message(stun.ALLOCATE | stun.ERROR, bytes(12), [(stun.ERROR_CODE, b"\0\0\4\x26Quota")])
    assert stun.decoded(stun.encoded(refusal)).error == (438, "Quota")
    assert stun.question(stun.BINDING).error == (0, "")


@pytest.mark.parametrize("data", [b"", b"\0" * 20, b"HTTP/1.1 400 Bad Request\r\n"])
def test_what_is_no_message_is_told(data: bytes) -> None:
    with pytest.raises(ValueError, match="no message"):
        stun.decoded(data)
