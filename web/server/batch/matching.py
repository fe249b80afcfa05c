"""Columns of a file to fields of a contract."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from foreshore import Contract, Field
from web.server.batch.errors import Unmatched

NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]+")


def plain(name: str) -> str:
    """A name as it is compared: in lower case, with `_` for every run of what is neither letter nor digit.

    Examples
    --------
    >>> plain("Scheduled departure"), plain("Delay (min)")
    ('scheduled_departure', 'delay_min_')
    """
    return NOT_ALPHANUMERIC.sub("_", name.lower())


def match(contract: Contract, columns: Sequence[str], mapping: Mapping[str, str] | None = None) -> dict[str, str]:
    """Which column serves which field: that of its name, else one that reads like its name, else like its title.

    Parameters
    ----------
    columns : sequence of str
        The file's, in its order.
    mapping : mapping of str to str, or None
        What goes before: field to column, "" for none.

    Returns
    -------
    dict of str to str
        Field to column, in the order of the contract's inputs; fields that may be missing and have no column are left out.

    Raises
    ------
    Unmatched
        If the mapping names what there is not, or a field that may not be missing has no column.
    """
    chosen = dict(mapping or {})
    _check(contract, columns, chosen)
    for name_of in _WAYS:
        _match(contract.inputs, columns, chosen, name_of)
    lacking = [field.name for field in contract.inputs if not field.nullable and not chosen.get(field.name)]
    if lacking:
        raise Unmatched(
            f"no column for {', '.join(lacking)}, which may not be missing: got the columns {', '.join(columns)}; "
            "name the right one for each (field=column)",
            field=lacking[0],
        )
    return {field.name: chosen[field.name] for field in contract.inputs if chosen.get(field.name)}


type _Names = tuple[Callable[[str], str], Callable[[Field], str]]

_WAYS: tuple[_Names, ...] = (
    (str, lambda field: field.name),
    (plain, lambda field: plain(field.name)),
    (plain, lambda field: plain(field.title)),
)


def _match(fields: Sequence[Field], columns: Sequence[str], chosen: dict[str, str], name_of: _Names) -> None:
    of_column, of_field = name_of
    for field in fields:
        if field.name not in chosen:
            taken = set(chosen.values())
            found = next((column for column in columns if column not in taken and of_column(column) == of_field(field)), None)
            if found is not None:
                chosen[field.name] = found


def _check(contract: Contract, columns: Sequence[str], chosen: Mapping[str, str]) -> None:
    fields = [field.name for field in contract.inputs]
    named = [column for column in chosen.values() if column]
    for field, column in chosen.items():
        if field not in fields:
            raise Unmatched(f"mapping: got a field {field!r}, expected one of {', '.join(fields)}")
        if column and column not in columns:
            raise Unmatched(f"mapping: got a column {column!r} for {field}, expected one of {', '.join(columns)}", field=field)
        if named.count(column) > 1:
            raise Unmatched(f"mapping: column {column!r} serves several fields, expected one field each", field=field)
