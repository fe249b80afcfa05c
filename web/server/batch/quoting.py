"""Quotes of CSV: what stands outside of them, and where a record ends that is too long to be held."""

from __future__ import annotations

from collections.abc import Iterable

DELIMITERS = (",", ";", "\t", "|")
QUOTE = '"'
MOST_HEADER_LINES = 1000


def delimiter_of(lines: Iterable[str]) -> str:
    r"""The delimiter that stands most often in the header, outside quotes; a comma if none does.

    Examples
    --------
    >>> delimiter_of(['"a,b,c";d\\n', '1,2;3\\n'])
    ';'
    """
    header = ""
    for number, line in enumerate(lines):
        header += line
        if (header.strip("\r\n") and header.count(QUOTE) % 2 == 0) or number > MOST_HEADER_LINES:
            break
    outside = "".join(header.split(QUOTE)[::2])
    return max(DELIMITERS, key=outside.count)


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
