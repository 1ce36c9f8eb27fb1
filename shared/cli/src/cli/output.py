"""Print plain lines for people and JSON for programs, with control characters escaped."""

import json
import unicodedata

import typer

INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class _EscapeTable(dict[int, str]):
    def __missing__(self, code: int) -> str:
        character = chr(code)
        is_invisible = unicodedata.category(character) in INVISIBLE
        self[code] = character.encode("unicode_escape").decode() if is_invisible else character
        return self[code]


_escapes = _EscapeTable({ord("\n"): "\n", ord("\t"): "\t"})


def escape_control(text: str) -> str:
    """The text with control and invisible characters as escapes, such as ``\\x1b`` and ``\\u202e``."""
    return text if text.isprintable() else text.translate(_escapes)


def print_line(text: str, *, stderr: bool = False) -> None:
    typer.echo(escape_control(text), err=stderr)


def print_json(found: object, *, indent: int | None = 2) -> None:
    """Print JSON, which escapes all characters beyond ASCII."""
    typer.echo(json.dumps(found, indent=indent))
