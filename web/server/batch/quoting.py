"""Quotes of CSV: what stands outside of them, and where a record ends that is too long to be held."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

DELIMITERS = (",", ";", "\t", "|")
QUOTE = '"'
END_OF_LINE = "\r\n"
MOST_HEADER_CHARACTERS = 1 << 20


def delimiter_of(lines: Iterable[str]) -> str:
    r"""The delimiter that stands most often in the header, outside quotes; a comma if none does.

    Examples
    --------
    >>> delimiter_of(['"a,b,c";d\\n', '1,2;3\\n'])
    ';'
    """
    counts, characters = dict.fromkeys(DELIMITERS, 0), 0
    is_open = has_begun = False
    for line in lines:
        pieces = line.split(QUOTE)
        outside = "".join(pieces[is_open::2])
        for delimiter in DELIMITERS:
            counts[delimiter] += outside.count(delimiter)
        is_open ^= len(pieces) % 2 == 0
        has_begun |= bool(line.strip("\r\n"))
        characters += len(line)
        if (has_begun and not is_open) or characters > MOST_HEADER_CHARACTERS:
            break
    return max(DELIMITERS, key=counts.__getitem__)


def pass_over(lines: Iterable[str], delimiter: str) -> tuple[int, bool]:
    r"""Read to the end of the record at hand, keeping nothing of it.

    Returns
    -------
    (int, bool)
        How many lines it had, and whether all of its quotes were closed.

    Examples
    --------
    >>> lines = iter(['a,"b""\\n', 'c",d\\n', 'e\\n'])
    >>> pass_over(lines, ","), next(lines)
    ((2, True), 'e\\n')
    """
    count, is_open = 0, False
    for line in lines:
        count += 1
        is_open = _is_open_after(line, delimiter, is_open)
        if not is_open:
            break
    return count, not is_open


def line_of_quote(lines: Sequence[str], delimiter: str) -> int:
    r"""In which line of a record the quoted cell begins in whose middle its last line has a quote.

    Examples
    --------
    >>> line_of_quote(['a,"b\n', 'c"d,e\n'], ","), line_of_quote(['"a\n', 'b",c\n', '"d"e\n'], ",")
    (0, 2)
    """
    found, is_open = 0, False
    for number, line in enumerate(lines):
        if not is_open or _closes(line, delimiter):
            found = number
        is_open = _is_open_after(line, delimiter, is_open)
    return found


def _closes(line: str, delimiter: str) -> bool:
    """Whether a line whose start stands within quotes ends that cell as it should."""
    place = line.find(QUOTE) + 1
    while place and line.startswith(QUOTE, place):
        place = line.find(QUOTE, place + 1) + 1
    return bool(place) and line[place : place + 1] in ("", delimiter, *END_OF_LINE)


def _is_open_after(line: str, delimiter: str, is_open: bool) -> bool:
    """Whether the end of a line stands within quotes, if its start does or does not. Quotes in the middle of a bare cell are text."""
    place = 0
    while True:
        if not is_open:
            is_open = line.startswith(QUOTE, place)
            place += is_open
        if is_open:
            place = line.find(QUOTE, place) + 1
            if not place:
                return True
            if line.startswith(QUOTE, place):
                place += 1
                continue
            is_open = False
        place = line.find(delimiter, place) + 1
        if not place:
            return False
