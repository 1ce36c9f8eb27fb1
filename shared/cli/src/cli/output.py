"""Write a line for people, or JSON for programs. What strangers have written is shown and not obeyed."""

import json
import unicodedata

import typer

INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class _EscapeTable(dict[int, str]):
    def __missing__(self, code: int) -> str:
        character = chr(code)
        unseen = unicodedata.category(character) in INVISIBLE
        self[code] = character.encode("unicode_escape").decode() if unseen else character
        return self[code]


_escapes = _EscapeTable({ord("\n"): "\n", ord("\t"): "\t"})


def escape_control(text: str) -> str:
    """With everything that a terminal would obey, or not show, as an escape: ``\\x1b``, ``\\u202e``."""
    return text if text.isprintable() else text.translate(_escapes)


def print_line(text: str, *, stderr: bool = False) -> None:
    typer.echo(escape_control(text), err=stderr)


def print_json(found: object, *, indent: int | None = 2) -> None:
    """JSON escapes by itself what is not ASCII."""
    typer.echo(json.dumps(found, indent=indent))
