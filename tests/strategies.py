"""Any valid answers, made from the model itself, so that every new feature and question is tried by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from xmpp_wizard.core import addresses, names, notify, values
from xmpp_wizard.core.answers.model import Answers, answers_model
from xmpp_wizard.core.features import contact_addresses, feeds, guests, own_modules, public_channels, shared_contacts

LABELS = st.sampled_from(["fam", "home", "a-b", "x1", "bücher", "例え", "straße", "chat2", "xn"])
DOMAINS = st.builds(
    lambda *labels: ".".join(labels), LABELS, st.sampled_from(["example", "lan", "internal", "net"])
) | (st.builds(lambda *labels: ".".join(labels), LABELS, LABELS, st.sampled_from(["example", "internal"])))
LOCAL_PARTS = st.sampled_from(["alice", "bob.b", "o!neill", "zoë", "x{y}", "100%", "a;b", "--", "]]", "$(id)", "名"])
ADDRESSES = st.builds(lambda local, domain: f"{local}@{domain}", LOCAL_PARTS, DOMAINS)
PATHS = st.sampled_from(["/root/roots.pem", '/srv/a"b', "/x/--]]/ü.pem", "/a;b/$(id)"])
IP_ADDRESSES = st.sampled_from(["127.0.0.9", "192.0.2.7", "2001:db8::1", "::1", "0.0.0.0"])  # noqa: S104 as an answer
URIS = st.sampled_from(
    ["mailto:a@example.org", "xmpp:b%20c@example.org?message", "https://example.org/%22;--", 'mailto:"x"@y.example']
)
WORDINGS = st.sampled_from(["", "Hello $username!", '"; os.exit() --', "]]\nzweite Zeile", "{{ x }} <b>&amp; \u2603"])

VALIDATED: Mapping[Callable[..., object], st.SearchStrategy[str]] = {
    names.parse_domain: DOMAINS,
    names.parse_own_domain: DOMAINS,
    addresses.parse_local_part: LOCAL_PARTS,
    addresses.parse_address: ADDRESSES,
    addresses.parse_admin: LOCAL_PARTS | ADDRESSES,
    addresses.parse_party: ADDRESSES | DOMAINS,
    values.parse_path: PATHS,
    values.parse_ip_address: IP_ADDRESSES,
    values.parse_resolver: IP_ADDRESSES | IP_ADDRESSES.map(lambda address: address + "@5353"),
    values.parse_api_url: st.sampled_from(["https://dns.example/api", "http://127.0.0.1:8081"]),
    values.parse_https_url: st.sampled_from(["https://ca.example/dir", "https://192.0.2.7:14000/a/b", "https://x"]),
    values.parse_api_url: st.sampled_from(["https://desec.example/api/v1", "http://192.168.1.9:8081"]),
    contact_addresses.parse_uri: URIS,
    guests.parse_rooms: ADDRESSES | DOMAINS,
    public_channels.parse_block_list: DOMAINS | st.just(""),
    shared_contacts.parse_group: st.sampled_from(["Board", 'a"b', "Küche 2", "]]--"]),
    values.parse_wording: WORDINGS,
    own_modules.parse_module_file: st.sampled_from(["/root/mod_hello.lua", "/a;b/$(id)/mod_x_1.lua"]),
    feeds.parse_feed: st.sampled_from(["club=https://club.example/feed.xml?a=b", "zoë=http://192.0.2.7/$(id);]]"]),
    notify.parse_mail_address: st.sampled_from(["a@example.org", "a+b%c@xn--bcher-kva.example", "o'neill@b.example"]),
    notify.parse_webhook: st.sampled_from(["", "https://a.example/x?y=$(id)&z='", "http://192.0.2.7:8080/"]),
}
PATTERNS = {
    "^[a-z0-9_]{1,60}$": st.sampled_from(["pastebin", "lastlog2"]),
    "^[0-9a-f]{64}$": st.sampled_from(["0123456789abcdef" * 4]),
    "^[a-z0-9][a-z0-9-]*$": st.sampled_from(["none", "desec", "hetzner"]),
    "^[a-z0-9_]+=.+$": st.sampled_from(["auth_username=alice", "zone_id=$(id)=;x"]),
    "^[a-z0-9_]+=/.+$": st.sampled_from(["auth_secret=/root/secret.txt"]),
    "^[A-Za-z0-9.:_-]+$": st.sampled_from(["localhost", "mx.example", "::1", "192.0.2.7"]),
    "^[A-Za-z0-9_-]+$": st.sampled_from(["prosody", "Chat_2-b"]),
    "^[A-Za-z0-9_.@-]+$": st.sampled_from(["prosody", "chat.user@db-1"]),
    "^#[0-9a-fA-F]{6}$": st.sampled_from(["#2b6cb0", "#000000"]),
    "^[A-Za-z0-9_-]*$": st.sampled_from(["", "10000000-ffff-ffff"]),
    "^[a-z]{2}$": st.sampled_from(["en", "de", "zh"]),
    "^[A-Za-z][A-Za-z0-9_-]*$": st.sampled_from(["sub", "preferred_username"]),
    "^[A-Za-z][A-Za-z0-9-]*$": st.sampled_from(["uid", "sAMAccountName"]),
    r"^\(.+\)$": st.sampled_from(["(objectClass=*)", '(cn=";]])', "(&(a=b)(c=$(id)))"]),
    "^[A-Za-z0-9._-]{1,64}$": st.sampled_from(["auto", "shortlived", "a.b-c_1"]),
}
TEXTS = st.text(max_size=60) | st.sampled_from(
    ['"', "\\", '" os.exit() --', "{{ x }}", "]]", "a;b", "<b>&amp;", "ü\u2603"]
)


def all_answers() -> st.SearchStrategy[Answers]:
    """Return whole valid answers; each question may be left out or answered."""
    return models(answers_model()).map(_answers)


def _answers(found: dict[str, Any]) -> Answers:
    answers = valid(answers_model(), {"domain": "fam.example", **found})
    if not isinstance(answers, Answers):
        raise TypeError(type(answers))
    return answers


def models(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    """Return raw answers for ``model``, which :func:`valid` may have to mend."""
    required = {name: _field(field) for name, field in model.model_fields.items() if field.is_required()}
    optional = {name: _field(field) for name, field in model.model_fields.items() if not field.is_required()}
    return st.fixed_dictionaries(required, optional=optional)


def valid(model: type[BaseModel], found: dict[str, Any]) -> BaseModel:
    """Return the model of what was found, without answers that contradict others or are refused."""
    for _ in range(50):
        try:
            return model.model_validate(found)
        except ValidationError as error:
            for problem in error.errors():
                _drop(found, problem["loc"])
    message = f"cannot mend {found}"
    raise AssertionError(message)


def _drop(found: dict[str, Any], location: tuple[int | str, ...]) -> None:
    """Leave out the answer at ``location``, or the group that holds it where it is the default that is refused."""
    groups: list[tuple[dict[str, Any], Any]] = []
    inner: Any = found
    for key in location:
        if not isinstance(inner, dict) or key not in inner:
            break
        groups.append((inner, key))
        inner = inner[key]
    # nothing is left where an earlier problem took the whole group away
    if groups:
        group, key = groups[-1]
        del group[key]
    found.setdefault("domain", "fam.example")


def _field(field: FieldInfo) -> st.SearchStrategy[Any]:
    return _kind(field.annotation, field.metadata)


def _kind(kind: Any, metadata: list[Any]) -> st.SearchStrategy[Any]:  # noqa: ANN401, PLR0911 one line for each kind
    origin = get_origin(kind)
    if origin is Annotated:
        inner, *more = get_args(kind)
        flat = [item for part in more for item in (part.metadata if isinstance(part, FieldInfo) else [part])]
        return _kind(inner, [*metadata, *flat])
    if origin in (Union, UnionType):
        return st.one_of([_kind(option, metadata) for option in get_args(kind)])
    if origin is Literal:
        return st.sampled_from(get_args(kind))
    if origin is tuple:
        least = max([item.min_length for item in metadata if isinstance(item, MinLen)], default=0)
        return st.lists(_kind(get_args(kind)[0], []), min_size=least, max_size=3)
    if kind is NoneType:
        return st.none()
    if kind is bool:
        return st.booleans()
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return models(kind)
    return _scalar(kind, metadata)


def _scalar(kind: Any, metadata: list[Any]) -> st.SearchStrategy[Any]:  # noqa: ANN401 an annotation
    validators = [item.func for item in metadata if isinstance(item, AfterValidator)]
    patterns = [item.pattern for item in metadata if getattr(item, "pattern", None)]
    if kind is int:
        (low,) = (item.ge for item in metadata if isinstance(item, Ge))
        (high,) = (item.le for item in metadata if isinstance(item, Le))
        assert isinstance(low, int)
        assert isinstance(high, int)
        return st.integers(low, high)
    if kind is str and validators:
        return VALIDATED[validators[0]]
    if kind is str and patterns:
        return PATTERNS[patterns[0]]
    if kind is str:
        longest = min([item.max_length for item in metadata if isinstance(item, MaxLen)], default=60)
        return TEXTS.map(lambda text: text[:longest])
    message = f"no strategy for {TypeAdapter(kind)}"
    raise TypeError(message)
