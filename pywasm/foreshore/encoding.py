"""Encoding as a table: what a contract asks of an encoder that cannot read Python.

`foreshore.records` is the encoder that decides; JavaScript's (`web/shared/encoding.js`) is driven by this table, so that bounds,
codes and the words of every message have one source. The verification gate holds the two equal.
"""

from __future__ import annotations

from typing import Any

from foreshore.contract import Contract, Field
from foreshore.records import PROBLEMS_LISTED, column_bounds, expectation


def encoding_table(contract: Contract) -> dict[str, Any]:
    """The contract's encoding and decoding as plain JSON data.

    Returns
    -------
    dict
        `fields`: the contract's inputs in order, each with `name`, `dtype` (of the field), `column` (dtype of its first column; null for
        a text, which has none), `nullable`, `low` and `high` (inclusive bounds in column form, or null), `codes` (category to code, or
        null), `expectation` (what it wants, in words);
        `others`: what is said of a field that the contract lacks; `outputs`: `name`, `tensor`, `labels` and `top` each; `problems_listed`.
    """
    return {
        "fields": [_field(field) for field in contract.inputs],
        "others": f"only {', '.join(sorted(field.name for field in contract.inputs))}",
        "outputs": [{key: getattr(output, key) for key in ("name", "tensor", "labels", "top")} for output in contract.outputs],
        "problems_listed": PROBLEMS_LISTED,
    }


def _field(field: Field) -> dict[str, Any]:
    low, high = column_bounds(field)
    return {
        "name": field.name,
        "dtype": field.dtype,
        "column": next((tensor.dtype for tensor in field.column_tensors), None),
        "nullable": field.nullable,
        "low": low,
        "high": high,
        "codes": {category.value: code for code, category in enumerate(field.categories)} or None,
        "expectation": expectation(field),
    }
