"""Write a line for people, or JSON for programs. What strangers have written is shown and not obeyed."""

import json
import unicodedata

import typer

UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class _Shown(dict[int, str]):
    def __missing__(self, code: int) -> str:
        it = chr(code)
        unseen = unicodedata.category(it) in UNSEEN
        self[code] = it.encode("unicode_escape").decode() if unseen else it
        return self[code]


_shown = _Shown({ord("\n"): "\n", ord("\t"): "\t"})


def visible(text: str) -> str:
    """With everything that a terminal would obey, or not show, as an escape: ``\\x1b``, ``\\u202e``."""
    return text if text.isprintable() else text.translate(_shown)


def say(text: str, *, stderr: bool = False) -> None:
    typer.echo(visible(text), err=stderr)


def say_json(found: object, *, indent: int | None = 2) -> None:
    """JSON escapes by itself what is not ASCII."""
    typer.echo(json.dumps(found, indent=indent))
