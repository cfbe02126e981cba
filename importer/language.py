"""Sentences that people read: a template and its facts go in, the words of a language come out.

The English sentence is the source string, as gettext has it, so that a catalogue of translations is all
that a further language needs. The facts are plain values, and how one is shown follows from its kind:

    Text       text of the input: quoted, made visible, cut to 60 characters
    Character  one character of the input, with its code
    Where      a place: a line of the same source, or a source and its line
    str        a short text of our own, or one that was judged: made visible
    int        digits; `{ready:,}` in a template groups them
    a tuple    each of its parts, with commas between them

Imports nothing heavy.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from importer.shown import character, shown, visible

if TYPE_CHECKING:
    import gettext

ENGLISH, CHINESE = "en", "zh"
LANGUAGES = (ENGLISH, CHINESE)
_DOMAIN, _FOLDER = "dli-hosts", os.path.join(os.path.dirname(__file__), "locale")
_VALUE_CHARS = 60


class Text(str):
    """Text of the input, which may hold anything."""


class Character(str):
    """One character of the input."""


class Where(NamedTuple):
    """Where an earlier record stands."""

    source: str | None
    """None where it is the source that the sentence is about."""
    line: int | str | None
    """None where nobody remembers."""


def worded(template: str, facts: Mapping[str, Any], language: str = ENGLISH) -> str:
    """The sentence that a template and these facts make, in a language."""
    text = translated(template, language)
    if "{" not in text and "}" not in text:  # most hints name no fact
        return text
    return text.format(**{k: _shown(v, language) for k, v in facts.items()})


def translated(sentence: str, language: str = ENGLISH) -> str:
    """An English sentence, or template, in a language; as it is where the language has none for it."""
    return sentence if language == ENGLISH else _catalogue(language).gettext(sentence)


@lru_cache
def _catalogue(language: str) -> gettext.NullTranslations:
    import gettext

    return gettext.translation(_DOMAIN, _FOLDER, [language], fallback=True)


def _shown(fact: Any, language: str) -> Any:
    if isinstance(fact, Text):
        return shown(fact, _VALUE_CHARS)
    if isinstance(fact, Character):
        return character(fact)
    if isinstance(fact, Where):
        return _place(fact, language)
    if isinstance(fact, tuple):
        return ", ".join(str(_shown(part, language)) for part in fact)
    return visible(fact) if isinstance(fact, str) else fact


def _place(where: Where, language: str) -> str:
    if where.line is None:
        return translated("an earlier record", language)
    if where.source is not None:
        return f"{visible(where.source)}:{where.line}"
    if isinstance(where.line, int):
        return worded("line {number}", {"number": where.line}, language)
    return worded("row {label}", {"label": where.line}, language)


_spoken = [ENGLISH]
"""The language of what this process says to people; a library's caller reads English."""


def speak(language: str) -> None:
    """From now on, `said` and `plural` make sentences in this language, and so does argparse."""
    if language == _spoken[0]:
        return
    import gettext

    _spoken[0] = language
    # argparse asks gettext for its own sentences, and gettext asks the environment which language is meant.
    if language == ENGLISH:
        gettext.textdomain("messages")
        os.environ.pop("LANGUAGE", None)
    else:
        gettext.bindtextdomain(_DOMAIN, _FOLDER)
        gettext.textdomain(_DOMAIN)
        os.environ["LANGUAGE"] = language


def spoken() -> str:
    """The language of what this process says to people."""
    return _spoken[0]


def chosen(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """What `--lang`, else DLI_HOSTS_LANG, else the locale asks for; English where none of them is known."""
    wanted = [after for word, after in pairwise(arguments) if word == "--lang"]
    wanted += [word[len("--lang=") :] for word in arguments if word.startswith("--lang=")]
    wanted += [environment.get("DLI_HOSTS_LANG", "")]
    wanted += [environment.get("LC_ALL") or environment.get("LC_MESSAGES") or environment.get("LANG", "")]
    first = next(filter(None, wanted), "").lower()
    return next((one for one in LANGUAGES if first[:2] == one and not first[2:3].isalpha()), ENGLISH)


def said(template: str, /, **facts: Any) -> str:
    """The sentence of a template in the spoken language; the facts stand in it as they are given."""
    return translated(template, _spoken[0]).format(**facts)


def plural(number: int, noun: str) -> str:
    """`1 record`, `20,000 records`, in the spoken language; the catalogue has `{number} record`."""
    if _spoken[0] != ENGLISH:
        source = "{number} " + noun
        if (template := translated(source, _spoken[0])) != source:
            return template.format(number=f"{number:,}")
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def near_miss(word: str, known: Iterable[str]) -> str:
    """` (did you mean --strict?)` where one of the known words is close; else nothing."""
    import difflib

    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return said(" (did you mean {meant}?)", meant=close[0]) if close else ""
