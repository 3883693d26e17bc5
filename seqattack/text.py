"""Text from files made safe to show: on a terminal, in Markdown, in LaTeX, in a spreadsheet."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 60
"""The most characters of a token that are shown."""

_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    # After the end of a line, LaTeX would read these as its options.
    "[": "{[}",
    "*": "{*}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "Δ": r"$\Delta$",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "×": r"$\times$",
    "–": "--",
    "−": "$-$",
    "±": r"$\pm$",
    "→": r"$\to$",
    "≤": r"$\le$",
    "≥": r"$\ge$",
}

_LINK = re.compile(r"\b(https?|ftp|www)(:(?=//)|(?<=www)\.)", re.IGNORECASE)
"""What begins a link that Markdown makes of bare text, and the character that makes it one."""

_FORMULA = re.compile(r"(^|;\s*)(?=[=+\-@＝＋－＠])")
"""Where a spreadsheet would see a formula begin."""


def printable(text: str) -> str:
    r"""Return `text` with control and bidirectional characters made visible.

    A token from a file can then neither move the cursor nor reorder the text around it.

    >>> print(printable("a" + chr(27) + "[31mb"))
    a\x1b[31mb
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def clipped(text: str, longest: int = LONGEST) -> str:
    """Return a token, tag or id as it is shown: printable, and without the middle if it is long.

    Args:
        text: As it is.
        longest: The most characters of it.

    >>> clipped("a" * 30 + "b" * 1000 + "c" * 30) == "a" * 30 + "…" + "c" * 29
    True
    """
    if len(text) > longest:
        half = longest // 2
        text = f"{text[:half]}…{text[1 - half :]}"
    return printable(text)


def reason_of(error: BaseException) -> str:
    r"""Return the first line of what an error says; its kind, where it says nothing.

    >>> reason_of(ValueError("no number\nat all")), reason_of(ValueError("\n"))
    ('no number', 'ValueError')
    """
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def markdown(text: str) -> str:
    r"""Return text with everything escaped that Markdown would take for markup.

    >>> print(markdown("a_b <c> www.d.e"))
    a\_b &lt;c> www\.d.e
    """
    escaped = printable(text).replace("\\", "\\\\").replace("&", "&amp;").replace("<", "&lt;")
    for character in "|*_`[]~$@":
        escaped = escaped.replace(character, "\\" + character)
    return _LINK.sub(r"\1\\\2", escaped)


def latex(text: str) -> str:
    r"""Return text with everything escaped that LaTeX would take for a command.

    >>> print(latex("50% of a_b"))
    50\% of a\_b
    """
    return "".join(_LATEX.get(character, character) for character in printable(text))


def spreadsheet(text: str) -> str:
    """Return text that no spreadsheet takes for a formula, full-width signs included.

    Some spreadsheets split a line at semicolons, so what follows a semicolon is guarded too.

    >>> spreadsheet("=1+1"), spreadsheet("Rome"), spreadsheet("a; =1+1")
    ("'=1+1", 'Rome', "a; '=1+1")
    """
    return _FORMULA.sub(r"\1'", printable(text))


_JOINERS = {"\u200c": "zero-width non-joiner", "\u200d": "zero-width joiner"}


def displayed(text: str) -> str:
    r"""Return `text` as a page shows it: as `printable`, but joiners stay.

    Persian words and many emoji need them. They neither move nor reorder anything; `invisibles`
    names them where a reader asks.

    >>> displayed("a\u200cb") == "a\u200cb"
    True
    >>> print(displayed("a\u202eb"))
    a\u202eb
    """
    return "".join(c if c in _JOINERS else printable(c) for c in text)


def invisibles(text: str) -> tuple[str, ...]:
    r"""Return the names of the joiners in a text, each once.

    >>> invisibles("a\u200db")
    ('zero-width joiner (U+200D)',)
    """
    return tuple(f"{_JOINERS[c]} (U+{ord(c):04X})" for c in dict.fromkeys(text) if c in _JOINERS)


def direction(text: str) -> str:
    r"""Return ``rtl`` for a text most of whose letters run from right to left, else ``ltr``.

    >>> direction("\u0632\u0627\u0631 Rome \u0632\u0627\u0631"), direction("Rome 1")
    ('rtl', 'ltr')
    """
    kinds = [unicodedata.bidirectional(c) for c in text]
    right = sum(kind in ("R", "AL") for kind in kinds)
    return "rtl" if right > kinds.count("L") else "ltr"
