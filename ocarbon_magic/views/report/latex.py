"""LaTeX that needs no package, and that `pdflatex` sets with the fonts it has at hand."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from ocarbon_magic.views.report.spelling import Spelling

if TYPE_CHECKING:
    from ocarbon_magic.units import Amount
    from ocarbon_magic.views.report.sources import Source
    from ocarbon_magic.views.report.table import Rows

_SIGNS = {
    "\\": r"\textbackslash{}",
    # BibTeX counts every brace, those with a backslash, too.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\symbol{34}",
    "`": r"\symbol{96}",
    # At the beginning of a row these would belong to the end of the row before.
    "[": "{[}",
    "*": "{*}",
    "\N{NO-BREAK SPACE}": "~",
    "\N{MINUS SIGN}": "$-$",
    "\N{PLUS-MINUS SIGN}": r"$\pm$",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "\N{DIVISION SIGN}": r"$\div$",
    "\N{MIDDLE DOT}": r"$\cdot$",
    "\N{DEGREE SIGN}": r"$^{\circ}$",
    "\N{NOT SIGN}": r"$\neg$",
    "\N{MICRO SIGN}": r"$\mu$",
    "\N{EN DASH}": r"\textendash{}",
    "\N{EM DASH}": r"\textemdash{}",
    "\N{HORIZONTAL ELLIPSIS}": r"\dots{}",
    "\N{LEFT SINGLE QUOTATION MARK}": "{`}",
    "\N{RIGHT SINGLE QUOTATION MARK}": "{'}",
    "\N{LEFT DOUBLE QUOTATION MARK}": "{``}",
    "\N{RIGHT DOUBLE QUOTATION MARK}": "{''}",
    "\N{SUPERSCRIPT TWO}": "$^2$",
    "\N{SUPERSCRIPT THREE}": "$^3$",
    "\N{RIGHTWARDS ARROW}": r"$\rightarrow$",
    "\N{LATIN SMALL LETTER SHARP S}": r"{\ss}",
    "\N{LATIN SMALL LETTER AE}": r"{\ae}",
    "\N{LATIN CAPITAL LETTER AE}": r"{\AE}",
    "\N{LATIN SMALL LIGATURE OE}": r"{\oe}",
    "\N{LATIN CAPITAL LIGATURE OE}": r"{\OE}",
    "\N{LATIN SMALL LETTER O WITH STROKE}": r"{\o}",
    "\N{LATIN CAPITAL LETTER O WITH STROKE}": r"{\O}",
    "\N{LATIN SMALL LETTER L WITH STROKE}": r"{\l}",
    "\N{LATIN CAPITAL LETTER L WITH STROKE}": r"{\L}",
    "\N{LATIN SMALL LETTER DOTLESS I}": r"{\i}",
    "\N{POUND SIGN}": r"{\pounds}",
    "\N{SECTION SIGN}": r"{\S}",
    "\N{PILCROW SIGN}": r"{\P}",
    "\N{COPYRIGHT SIGN}": r"{\copyright}",
    "\N{DAGGER}": r"{\dag}",
}

_GREEK = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
    "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi",
    "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi",
    "Omega",
)  # fmt: skip
"""Letters as LaTeX calls them; the other capitals are those of the Latin alphabet."""


def _greek(name: str) -> str:
    case = "SMALL" if name.islower() else "CAPITAL"
    spelled = name.upper().replace("LAMBDA", "LAMDA")
    return unicodedata.lookup(f"GREEK {case} LETTER {spelled}")


_SIGNS |= {_greek(name): rf"$\{name}$" for name in _GREEK}

_ACCENTS = {
    "\N{COMBINING GRAVE ACCENT}": r"\`",
    "\N{COMBINING ACUTE ACCENT}": r"\'",
    "\N{COMBINING CIRCUMFLEX ACCENT}": r"\^",
    "\N{COMBINING TILDE}": r"\~",
    "\N{COMBINING MACRON}": r"\=",
    "\N{COMBINING BREVE}": r"\u",
    "\N{COMBINING DOT ABOVE}": r"\.",
    "\N{COMBINING DIAERESIS}": r"\"",
    "\N{COMBINING RING ABOVE}": r"\r",
    "\N{COMBINING DOUBLE ACUTE ACCENT}": r"\H",
    "\N{COMBINING CARON}": r"\v",
    "\N{COMBINING CEDILLA}": r"\c",
    "\N{COMBINING DOT BELOW}": r"\d",
    "\N{COMBINING MACRON BELOW}": r"\b",
}

_LIGATURES = re.compile("-(?=-)|'(?=')|,(?=,)")
"""The first of two that would be set as one sign."""

_DOTTED = {"i": r"{\i}", "j": r"{\j}"}
_BELOW = {r"\c", r"\d", r"\b"}


def escape(text: str) -> str:
    """Return ``text`` so that LaTeX sets it as it is, letter by letter.

    What the standard fonts lack (Chinese, Cyrillic, emoji, ...) becomes its code point,
    ``U+8A13``, which is ugly and true, and which stops no `pdflatex`.
    """
    letters = "".join(map(_letter, unicodedata.normalize("NFC", text)))
    return _LIGATURES.sub(r"\g<0>{}", letters)


def _letter(letter: str) -> str:
    if letter in _SIGNS:
        return _SIGNS[letter]
    if letter.isascii():
        return letter if letter.isprintable() else " "
    apart = unicodedata.normalize("NFD", letter)
    base, accent = apart[:1], _ACCENTS.get(apart[1:])
    if accent is not None and base.isascii() and base.isalpha():
        return f"{accent}{{{base if accent in _BELOW else _DOTTED.get(base, base)}}}"
    return f"U+{ord(letter):04X}"


class Latex(Spelling):
    """The spelling of LaTeX."""

    times = r" $\times$ "
    plus_minus = r"$\pm$"
    of_gas = r"CO\textsubscript{2}e"
    table = r"Table~\ref{tab:carbon-footprint}"

    def escaped(self, text: str) -> str:
        """Return text that LaTeX sets as it is."""
        return escape(text)

    def name(self, text: object) -> str:
        """Return a name in italics."""
        return rf"\emph{{{self.text(text)}}}"

    def amount(self, amount: Amount) -> str:
        """Return a number and its unit, which stay on one line."""
        unit = escape(amount.unit).replace("CO2e", self.of_gas)
        return f"{amount.number.replace('-', '$-$')}~{unit}".rstrip("~")

    def percent(self, share: str) -> str:
        """Return a percentage, on one line."""
        return escape(share).replace(r" \%", r"\,\%")

    def cite(self, *sources: Source | None) -> str:
        r"""Return a ``\cite`` of what is known."""
        known = [source for source in dict.fromkeys(sources) if source is not None]
        for source in known:
            self._number(source)
        return rf"~\cite{{{','.join(source.key for source in known)}}}" if known else ""


def document(sentences: list[str], rows: Rows | None) -> str:
    """Return a paragraph, and a table where there are several runs, to be put into a paper."""
    paragraph = "\n".join(sentences)
    table = "" if rows is None else "\n" + _table(rows)
    return f"\\paragraph{{Carbon footprint.}}\n{paragraph}\n{table}"


def _table(rows: Rows) -> str:
    columns = "@{}" + "l" * rows.words + "r" * (len(rows.head) - rows.words) + "@{}"
    body = [" & ".join(row) + r" \\" for row in rows.body]
    sums = [" & ".join(row) + r" \\" for row in rows.sums]
    lines = (
        r"\begin{table}[htbp]",
        r"\centering",
        rf"\caption{{{rows.caption}}}",
        r"\label{tab:carbon-footprint}",
        r"\smallskip",
        r"\footnotesize\setlength{\tabcolsep}{3pt}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\hline",
        " & ".join(rows.head) + r" \\",
        r"\hline",
        *body,
        *([r"\hline", *sums] if sums else []),
        r"\hline",
        r"\end{tabular}",
        r"\end{table}",
    )
    return "\n".join(lines) + "\n"
