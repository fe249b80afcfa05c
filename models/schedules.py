"""Schedules of a pipeline: what its `schedule.py` declares, on its way into the card."""

from __future__ import annotations

import importlib
from datetime import UTC
from typing import Any

from apscheduler.triggers.cron import CronTrigger

from foreshore import Contract, ContractError
from foreshore.schedules import checked_schedules


def schedules_of(contract: Contract) -> list[dict[str, Any]]:
    """What a card holds under "schedules": those of `SCHEDULES` in `models/<name>/schedule.py`; none where there is no such file.

    Raises
    ------
    ContractError
        If one of them is wrong.
    """
    module = f"models.{contract.name}.schedule"
    try:
        declared = importlib.import_module(module).SCHEDULES
    except ModuleNotFoundError as error:
        if error.name and module.startswith(error.name):
            return []
        raise
    found = checked_schedules(declared, contract)
    for schedule in found:
        try:
            CronTrigger.from_crontab(schedule.cron, UTC)
        except ValueError as error:
            raise ContractError(f"schedule {schedule.name!r}: the cron {schedule.cron!r} is of no use: {error}") from error
    return [schedule.to_json() for schedule in found]
