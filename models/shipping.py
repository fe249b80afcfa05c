"""Shipping: compressed variants among a pipeline's artefacts and in its card, beside those that training made.

An entry that compression made carries its `recipe`, with the hash of the model that it was made of. Training that leads to that same
model again keeps such entries with their files; any other training drops them, until the pipeline is compressed anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import onnx

from models.compression.programme import Programme
from models.compression.recipes import Recipe
from models.offering import MODEL, remade
from packing.errors import BuildError
from packing.hashing import write_whole
from packing.stage import Made

RECIPE, QUOTED = "recipe", "compression"
"""Keys of the card: of an entry that compression made, and of what the card quotes of the comparison."""
QUOTED_THREADS = 1
ADVICE = "run `python3 build.py compress {name}` to make them of the new model"

type Facts = Mapping[str, Any]


def trained(card: Facts) -> list[dict[str, Any]]:
    """The entries of a card that training made."""
    return [dict(each) for each in card["variants"] if RECIPE not in each]


def _compressed(card: Facts) -> list[dict[str, Any]]:
    """The entries that compression made."""
    return [each for each in card["variants"] if RECIPE in each]


def ship(folder: Path, programme: Programme, facts: Facts, made: Mapping[str, Made]) -> None:
    """Write the models that a programme ships to `artefacts`, and card and `CARD.md` with their entries; drop those of earlier times.

    Parameters
    ----------
    folder : Path
        `models/<name>`.
    programme : Programme
    facts : mapping
        What `compression.json` holds.
    made : mapping of str to Made
        Every variant's model and figures.
    """
    path = folder / "artefacts" / "card.json"
    before = json.loads(path.read_text())
    card = {**without_shipped(before), "variants": [*trained(before), *(_entry(programme, facts, name, made) for name in programme.ships)]}
    if programme.ships:
        card[QUOTED] = quoted(programme, facts)
    if programme.recommends:
        card["default_variant"] = programme.recommends
    for name in programme.ships:
        write_whole(folder / "artefacts" / f"{name}.onnx", (made[name].folder / MODEL).read_bytes())
    for file in _shipped_files(before) - _shipped_files(card):
        (folder / "artefacts" / file).unlink(missing_ok=True)
    if card != before:
        write_whole(path, (json.dumps(card, indent=1) + "\n").encode())
    if programme.card_text:
        write_whole(folder / "CARD.md", programme.card_text(card).encode())


def restore_shipped(folder: Path, tell: Callable[[str], None]) -> None:
    """Make shipped models that are not there, where their recipes need no lesson: large ones need not be committed.

    Parameters
    ----------
    folder : Path
        `models/<name>`; the models that training made are there.
    tell : callable
        Told before anything is made.

    Raises
    ------
    BuildError
        If what was made is not what the card names.
    """
    artefacts = folder / "artefacts"
    card = _read(artefacts / "card.json")
    files = {each["name"]: artefacts / str(each["file"]) for each in card["variants"]}
    for entry in (each for each in _compressed(card) if not files[each["name"]].is_file()):
        tell(f"{folder.name}: making {entry['file']} by its recipe")
        made = remade(Recipe.from_json({"name": entry["name"], **entry[RECIPE]}), onnx.load(files[entry[RECIPE]["base"]]))
        if made is None or hashlib.sha256(made).hexdigest() != entry["sha256"]:
            got = "a recipe that has to learn" if made is None else f"sha256 {hashlib.sha256(made).hexdigest()}"
            raise BuildError(
                f"{files[entry['name']]}: got {got}, expected {entry['sha256']} as its card says; restore the file or run "
                f"`python3 build.py compress {folder.name}`"
            )
        write_whole(files[entry["name"]], made)


def without_shipped(card: Facts) -> dict[str, Any]:
    """The card as training wrote it; where visitors got a compressed variant by default, they get the first that training made."""
    variants = trained(card)
    names = [each["name"] for each in variants]
    default = {} if card.get("default_variant", names[0]) in names else {"default_variant": names[0]}
    return {**{key: value for key, value in card.items() if key != QUOTED}, "variants": variants, **default}


def _shipped_files(card: Facts) -> set[str]:
    return {str(each["file"]) for each in _compressed(card)}


def _entry(programme: Programme, facts: Facts, name: str, made: Mapping[str, Made]) -> dict[str, Any]:
    found = made[name].facts
    steps = next(each["steps"] for each in facts["variants"] if each["name"] == name)
    return {
        "name": name,
        "file": f"{name}.onnx",
        **{key: found[key] for key in ("sha256", "size_bytes", "parameters")},
        "segments": {},
        "quality": found["measures"],
        RECIPE: {"base": programme.base, "base_sha256": facts["base"]["sha256"], "steps": steps},
    }


def quoted(programme: Programme, facts: Facts) -> dict[str, Any]:
    """What the card quotes of the comparison: size, time and quality of every released variant, the base first."""
    timing = facts["timings"][0]
    runs = [run for run in timing["runs"] if run["threads"] == QUOTED_THREADS]
    listed = [facts["base"], *(each for each in facts["variants"] if each["released"])]
    return {
        "base": programme.base,
        "loss": facts["loss"],
        "relative": all(budget["relative"] for budget in facts["budgets"].values()) and _has_shares(listed),
        "threads": QUOTED_THREADS,
        "batches": [run["batch"] for run in runs],
        "measured": {"on": timing["environment"]["user_agent"], "created": timing["created"]},
        "rows": [
            {
                **{key: each[key] for key in ("name", "size_bytes", "brotli_bytes")},
                "times": [_times(run, each["name"]) for run in runs],
                "quality": each.get("quality"),
            }
            for each in listed
        ],
    }


def _has_shares(listed: Sequence[Facts]) -> bool:
    """Whether every loss is a share of the base's: nothing is a share of none."""
    return all(difference["relative"] is not None for each in listed for difference in each.get("quality", {}).values())


def _times(run: Facts, name: str) -> dict[str, Any]:
    model = next(each for each in run["models"] if each["name"] == name)
    return {"batch": run["batch"], "median_ms": model["time_ms"]["median"], "ratio": model["ratio"]}


def carried(artefacts: Path, card: Facts) -> tuple[dict[str, Any], list[Path]]:
    """A new training's card with the entries of an earlier compression that still hold, and the files that they need.

    An entry holds where the model that it was made of is the one that training made again, byte for byte.

    Parameters
    ----------
    artefacts : Path
        The folder of the earlier artefacts; may not be there.
    card : mapping
        The new one.
    """
    before = _read(artefacts / "card.json")
    bases = {each["name"]: each["sha256"] for each in trained(card)}
    held = [each for each in _compressed(before) if bases.get(each[RECIPE]["base"]) == each[RECIPE]["base_sha256"]]
    if not held:
        return without_shipped(card), []
    kept = {key: before[key] for key in (QUOTED, "default_variant") if key in before}
    return {**card, "variants": [*trained(card), *held], **kept}, [artefacts / each["file"] for each in held]


def dropped(artefacts: Path, card: Facts) -> list[str]:
    """Names of the compressed variants that a new training, of this card, does not keep."""
    kept = {each["name"] for each in carried(artefacts, card)[0]["variants"]}
    return [each["name"] for each in _compressed(_read(artefacts / "card.json")) if each["name"] not in kept]


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text())) if path.is_file() else {"variants": []}


def quoted_lines(card: Facts) -> list[str]:
    """The section of `CARD.md` on what the card quotes; no lines where it quotes nothing."""
    if QUOTED not in card:
        return []
    told = card[QUOTED]
    batches = [f"batch of {batch}" for batch in told["batches"]]
    columns = ["", "bytes", "brotli", *batches, f"change of the {told['loss']}, at worst"]
    return [
        "## Compression",
        "",
        *_words(card),
        "",
        f"| {' | '.join(columns)} |",
        "|" + "---|" * len(columns),
        *(_line(row, told) for row in told["rows"]),
    ]


def _words(card: Facts) -> Sequence[str]:
    told = card[QUOTED]
    recipes = [f"`{each['name']}`: {', then '.join(step['technique'] for step in each[RECIPE]['steps'])}" for each in _compressed(card)]
    return [
        f"Made of the `{told['base']}` model for all by recipe ({'; '.join(recipes)}), without models of single segments; the comparison "
        f"is between models for all. Times are of ONNX Runtime Web in a headless browser on {told['threads']} thread; ratios are paired, "
        "with their quartiles. Of the change the table shows the exam with the highest upper "
        "end of its 95% interval. All figures: [COMPRESSION.md](COMPRESSION.md).",
    ]


def _line(row: Facts, told: Facts) -> str:
    speeds = [_speed(each, row["name"] == told["base"]) for each in row["times"]]
    cells = [
        f"`{row['name']}`",
        f"{row['size_bytes']:,}",
        f"{row['brotli_bytes']:,}",
        *speeds,
        _worst(row["quality"], relative=told["relative"]),
    ]
    return f"| {' | '.join(cells)} |"


def _speed(time: Facts, is_base: bool) -> str:
    if is_base:
        return f"{time['median_ms']:.3g} ms"
    ratio = time["ratio"]
    return f"{1 / ratio['median']:.2f}× ({1 / ratio['upper_quartile']:.2f} to {1 / ratio['lower_quartile']:.2f})"


def _worst(quality: Facts | None, *, relative: bool) -> str:
    """The change in the exam with the highest upper end of its interval; as a share where budgets are."""
    if not quality:
        return ""
    high = "relative_high" if relative else "high"
    exam, worst = max(quality.items(), key=lambda item: item[1][high])
    where = exam.replace("_", " ")
    if not relative:
        return f"{worst['variant'] - worst['base']:+.3g} ({worst['low']:+.3g} to {worst['high']:+.3g}), {where}"
    low, high_share = (100 * worst[key] for key in ("relative_low", "relative_high"))
    return f"{100 * worst['relative']:+.2f}% ({low:+.2f} to {high_share:+.2f}), {where}"
