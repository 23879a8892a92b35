"""What one answer means, what may be said, and how and where to say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from xmpp_wizard.core.answers.fields import PREFIX, Question, alternatives, field_at, model_in, questions
from xmpp_wizard.core.answers.file import migrated, read
from xmpp_wizard.core.answers.lines import Key, lines, parse_key, write_key
from xmpp_wizard.core.answers.problems import Problem, WrongAnswersError, unknown_key
from xmpp_wizard.core.answers.sources import TAKEN_BACK, from_environment, from_options
from xmpp_wizard.core.answers.template import choices, default, some_value, toml_value
from xmpp_wizard.core.features import all_features
from xmpp_wizard.core.kit.feature import PRESETS
from xmpp_wizard.core.text import NOTHING, Text, say


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything about one key; ``below`` are the keys of a group, which has no value of its own."""

    key: str
    title: str
    description: str
    kind: Text
    """What may be said, in words."""
    choices: tuple[object, ...]
    default: object
    """None where nothing, the preset, the level or the domain decides."""
    is_required: bool
    examples: tuple[object, ...]
    option: str
    variable: str
    presets: tuple[str, ...]
    standards: tuple[str, ...]
    below: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an answer comes from: ``FILE:LINE``, a variable, an option, or empty for the default."""

    where: str
    value: object


def explain(name: str) -> Explanation:
    """Return what is known about the key ``name``, such as ``features.group_chat.history_days``.

    Raises:
        WrongAnswersError: there is no such key; the text names the most likely one.
    """
    question = _question(name)
    feature = next((f for f in all_features() if question.key[:2] == ("features", f.name)), None)
    can_be_off = feature is not None and "enabled" in feature.settings.model_fields
    value = default(question)
    below = tuple(q.name for q in questions().values() if q.key[:-1] == question.key) if question.group else ()
    found = choices(question)
    return Explanation(
        key=question.name,
        title=question.field.title or question.key[-1],
        description=question.field.description or "",
        kind=_kind(question),
        choices=found,
        default=None if question.group else value,
        is_required=question.field.is_required(),
        examples=tuple(question.field.examples or ()),
        option="" if question.group else _option(question),
        variable="" if question.group else question.variable,
        presets=tuple(p for p in PRESETS if feature and can_be_off and p in feature.presets),
        standards=feature.xeps if feature else (),
        below=below,
    )


def origin(name: str, text: bytes, path: str, environment: Mapping[str, str], sets: Sequence[str]) -> Origin:
    """Return what is said for the key ``name``, and where.

    Raises:
        WrongAnswersError: there is no such key, or the file is no answer file.
        UsageError: one of ``sets`` has another form.
    """
    key: Key = _question(name).key
    for override in reversed([*from_environment(environment), *from_options(sets)]):
        if override.key == key:
            if override.value == TAKEN_BACK:
                break
            return Origin(override.where, override.value)
    else:
        return _in_file(key, text, path, default(_question(name)))
    return Origin("", default(_question(name)))


def _in_file(key: Key, text: bytes, path: str, usual: object) -> Origin:
    source, data = migrated(read(text, path), path)
    node: object = data
    for part in key:
        if not isinstance(node, dict) or part not in node:
            return Origin("", usual)
        node = node[part]
    return Origin(f"{path}:{lines(source)[key]}", node)


def as_text(explanation: Explanation, words: Callable[[Text], str] = str, *, is_brief: bool = False) -> str:
    """Return the explanation for people: one fact a line; a brief one has only what is needed to answer."""
    question = questions()[parse_key(explanation.key)]
    rows = [f"{explanation.key}: {words(question.whole_title)}"]
    rows += [words(Text(explanation.description))] if explanation.description else []
    facts = [(words(say("May be")), words(explanation.kind))]
    if not explanation.below:
        facts.append((words(say("Default")), words(_default_words(explanation, question))))
    if explanation.examples:
        facts.append((words(say("Example")), toml_value(explanation.examples[0])))
    facts += (
        []
        if is_brief
        else [
            ("Option", explanation.option),
            ("Variable", explanation.variable),
            ("On in", ", ".join(explanation.presets)),
            ("Standards", ", ".join(explanation.standards)),
        ]
    )
    rows += [f"  {name + ':':<10} {value}" for name, value in facts if value]
    return "\n".join([*rows, *(f"    {name}" for name in explanation.below)])


def _question(name: str) -> Question:
    """Return the question called ``name``; the environment's spelling is understood, too."""
    plain = name.removeprefix("--set ").partition("=")[0].strip()
    if plain.startswith(PREFIX):
        plain = plain.removeprefix(PREFIX).lower().replace("__", ".")
    try:
        key = parse_key(plain)
    except ValueError:
        key = (plain,)
    if key not in questions():
        is_below_list = field_at(key) is not None
        reason = (
            say("is a part of each item of {list}", list=write_key(key[:-1])) if is_below_list else unknown_key(key)
        )
        hint = say("All keys are in what `xmpp-wizard answers template` prints.")
        raise WrongAnswersError([Problem("", write_key(key), reason)], hint)
    return questions()[key]


def _option(question: Question) -> str:
    """Return ``--set key=value`` as it is typed in a shell."""
    value = next(iter([*(question.field.examples or []), *choices(question)]), default(question))
    value = some_value(question) if value is None else value
    written = value if isinstance(value, str) else toml_value(value)
    quoted = f"'{written}'" if any(sign in written for sign in " []{}\"'") else written
    return f"--set {question.name}={quoted}"


def _kind(question: Question) -> Text:
    found = choices(question)
    rules = {
        name: getattr(rule, name)
        for rule in question.field.metadata
        for name in ("ge", "le", "max_length")
        if hasattr(rule, name)
    }
    kinds = alternatives(question.field.annotation)
    if question.group:
        return say("a group of answers, [{name}]", name=question.name)
    if found:
        return say("{choices}", choices=", ".join(map(toml_value, found)))
    if int in kinds:
        return say("a whole number{limits}", limits=_limits(rules))
    if str in kinds:
        return (
            say("a text of at most {most} signs", most=rules["max_length"]) if "max_length" in rules else say("a text")
        )
    item = model_in(question.field.annotation)
    if item:
        return say("a list of groups, each with {keys}", keys=", ".join(item.model_fields))
    return say("a list of texts")


def _limits(rules: Mapping[str, object]) -> Text:
    least, most = rules.get("ge"), rules.get("le")
    if least is not None and most is not None:
        return say(" from {least} to {most}", least=least, most=most)
    if least is not None:
        return say(" from {least}", least=least)
    return NOTHING if most is None else say(" to {most}", most=most)


def _default_words(explanation: Explanation, question: Question) -> Text:
    if explanation.is_required:
        return say("none: this must be answered")
    return question.left_out if explanation.default is None else Text(toml_value(explanation.default))


def as_json(explanation: Explanation) -> dict[str, object]:
    """Return the explanation as what JSON has; names as in :class:`Explanation`."""
    return {**asdict(explanation), "kind": str(explanation.kind)}
