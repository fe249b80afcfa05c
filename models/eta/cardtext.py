"""The model card for people: `CARD.md`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from models.eta.quality import FURTHER_SITUATIONS, SITUATIONS
from models.eta.segments import WORTH_MIN
from models.shipping import quoted_lines, trained

type Facts = Mapping[str, Any]

ERRORS = ("mae", "rmse")
TWO_SITUATIONS = ("| | before departure: MAE | RMSE | after departure: MAE | RMSE |", "|---|---|---|---|---|")


def rendered(data: Facts) -> str:
    """`CARD.md` for a card.

    Parameters
    ----------
    data : mapping
        What `card.json` holds.
    """
    parts = (_head, _qualities, _sizes, _compression, _ablation, _segments, _schedules, _limits, _origin)
    return "\n\n".join(text for part in parts if (text := part(data))) + "\n"


def _head(data: Facts) -> str:
    source = data["data"]
    return (
        f"# {data['title']}\n\n{data['description']}\n\n"
        f"Trained on {source['train_rows']:,} completed flights from {_period(source['train_period'])}, tested on "
        f"{source['test_rows']:,} from {_period(source['test_period'])}; {source['validation_rows']:,} of whole days among the former "
        "taught nothing and decided between models. Errors on the test flights, in minutes, with the news of scheduled departure and of "
        "departure:"
    )


def _qualities(data: Facts) -> str:
    metrics = {variant["name"]: variant["quality"] for variant in data["variants"]}
    baselines = {name.replace("_", " "): values for name, values in data["baselines"].items()}
    rows = [_row(name, values, SITUATIONS) for name, values in (baselines | metrics).items()]
    further = [_row(name, values, FURTHER_SITUATIONS) for name, values in metrics.items()]
    return "\n".join(
        [
            *TWO_SITUATIONS,
            *rows,
            "",
            f"{_listed([variant['name'] for variant in data['variants']])} are what is released: small networks, distilled from the "
            f"teacher (gradient boosting), that answer before and after departure.{_without_segments(data)} The other rows come "
            "from the same run. With less to go by, the same networks give:",
            "",
            "| | an hour before: MAE | RMSE | before departure, no news: MAE | RMSE | after departure, no news: MAE | RMSE |",
            "|---|---|---|---|---|---|---|",
            *further,
            "",
            *(_spread_line(situation, data["spread"]) for situation in SITUATIONS),
        ]
    )


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _without_segments(data: Facts) -> str:
    """Why compressed variants lose a little more here than against the model that they were made of."""
    own = [name for name in trained(data) if name["segments"]]
    compressed = [variant["name"] for variant in data["variants"] if "recipe" in variant]
    if not own or not compressed:
        return ""
    have = "has" if len(compressed) == 1 else "have"
    return f" {' and '.join(compressed)} {have} no models of single airports: one model answers for all."


def _compression(data: Facts) -> str:
    return "\n".join(quoted_lines(data))


def _spread_line(situation: str, found: Mapping[str, float]) -> str:
    half, nine_of_ten = found[f"{situation}_half_within_min"], found[f"{situation}_nine_of_ten_within_min"]
    words = situation.replace("_", " ").capitalize()
    return f"- {words}, half of the test flights arrived within {half:.0f} minutes of the answer, nine of ten within {nine_of_ten:.0f}."


def _sizes(data: Facts) -> str:
    files = [file for variant in data["variants"] for file in (variant, *variant["segments"].values())]
    rows = [f"| `{file['file']}` | {file['size_bytes']:,} | {file['parameters']:,} |" for file in files]
    return "\n".join(["| file | bytes | parameters |", "|---|---|---|", *rows])


def _ablation(data: Facts) -> str:
    rows = [_row(row["name"], row, SITUATIONS) for row in data["ablation"]["rows"]]
    return "\n".join(["## What news is worth", "", *TWO_SITUATIONS, *rows, "", data["ablation"]["note"]])


def _segments(data: Facts) -> str:
    compared = data["segments"]["compared"]
    return "\n".join(
        [
            "## Models of single airports",
            "",
            f"A model for one {data['segments']['field']} is kept where it beats the model for all on the validation days beyond chance: "
            f"the interval of the difference (95% for all of them together, from days drawn again and again) lies below -{WORTH_MIN} "
            "minutes. Mean absolute errors in minutes, over all five situations above:",
            "",
            "| | variant | validation: all | own | difference | test: all | own | kept |",
            "|---|---|---|---|---|---|---|---|",
            *(_segment(each) for each in compared),
        ]
    )


def _segment(each: Facts) -> str:
    seen, test = each["validation"], each["test"]
    cells = [seen["global_mae_min"], seen["segment_mae_min"], test["global_mae_min"], test["segment_mae_min"]]
    left, right = (" | ".join(f"{value:.2f}" for value in pair) for pair in (cells[:2], cells[2:]))
    interval = f"{seen['low']:+.2f} to {seen['high']:+.2f}"
    return f"| {each['value']} | {each['variant']} | {left} | {interval} | {right} | {'yes' if each['kept'] else 'no'} |"


def _schedules(data: Facts) -> str:
    """Which tables a server works through by itself; nothing where there is none."""
    if not data["schedules"]:
        return ""
    rows = [f"| {each['name']} | `{each['cron']}` | `{each['input']}` | {', '.join(each['key'])} |" for each in data["schedules"]]
    head = "A server that takes jobs works through these tables by itself, where it has them, and keeps the answers by key:"
    return "\n".join(["## Schedules", "", head, "", "| | cron, UTC | input | key |", "|---|---|---|---|", *rows])


def _limits(data: Facts) -> str:
    return "\n".join(["## Limits", "", *(f"- {limit}" for limit in data["limits"])])


def _origin(data: Facts) -> str:
    source = data["data"]
    return "\n".join(
        [
            "## Origin",
            "",
            f"- Data: {source['source']}, version {source['version']}, {source['rows']:,} flights, licence {source['licence']}, sha256",
            f"  `{source['sha256']}`.",
            f"- Model: licence {data['licence']}. `python3 build.py train {data['pipeline']}` trains it again and compares, seed "
            f"{data['seed']}.",
        ]
    )


def _row(name: str, quality: Mapping[str, Any], situations: Sequence[str]) -> str:
    cells = [quality.get(f"{situation}_{error}_min") for situation in situations for error in ERRORS]
    return f"| {name} | " + " | ".join("" if cell is None else f"{cell:.2f}" for cell in cells) + " |"


def _period(days: Sequence[str]) -> str:
    return f"{days[0]} to {days[1]}"
