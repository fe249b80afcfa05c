#!/usr/bin/env python3
"""Foreshore's one entry: sets up what it needs, then builds, serves, predicts files, checks, tests, creates, trains and measures.

Started by any Python 3; finds a Python 3.12, makes `.venv` from `requirements.lock`, and goes on in there. It orders the rooms
(pywasm, models, web) and holds no logic of theirs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from models.release import Parts, Site
    from packing.stage import Made, Stages

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
CACHE = ROOT / ".cache"
DIST = ROOT / "dist"
DATA = ROOT / "build" / "data"
"""Jobs of the server, unless FORESHORE_DATA names another folder."""
CASE_STUDIES = ROOT / "models" / "case_studies" / "case_studies.json"
"""Published compressions, measured anew; the site shows them where the file is there."""
SERVING_COSTS = ROOT / "web" / "bench" / "serving" / "costs.json"
"""What answers took of a server's processor; likewise."""
PYTHON = (3, 12)
NODE = 20
MOST_TEST_PROCESSES = 4


class SetupError(Exception):
    """Something that the machine has to bring along is missing; the message says what to do."""


def say(text: str) -> None:
    """Show one line of progress at once."""
    print(text, file=sys.stderr, flush=True)


# ---------------------------------------------------------------- set-up: the standard library alone


def candidates() -> list[Path]:
    """Where a Python 3.12 may be: this one, PATH, pyenv's versions, uv's; never in the environment that it is to make."""
    version = f"{PYTHON[0]}.{PYTHON[1]}"
    found = [Path(sys.executable), Path(getattr(sys, "_base_executable", sys.executable))]
    found += [Path(folder) / f"python{version}" for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    pyenvs = [Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions", Path(sys.base_prefix).parent]
    for versions in pyenvs:
        found += sorted(versions.glob(f"{version}*/bin/python3"), reverse=True)
    if uv := shutil.which("uv"):
        asked = subprocess.run([uv, "python", "find", version], capture_output=True, text=True, check=False)
        found += [Path(line) for line in asked.stdout.splitlines()[:1]]
    return [path for path in found if VENV not in path.parents]


def is_right_python(path: Path) -> bool:
    """Whether this interpreter runs, is a 3.12, and can make environments."""
    probe = f"import ensurepip, sys, venv; sys.exit(sys.version_info[:2] != {PYTHON})"
    try:
        return subprocess.run([path, "-c", probe], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def find_python() -> Path:
    """A Python 3.12; raises SetupError where there is none."""
    for path in candidates():
        if is_right_python(path):
            return path
    raise SetupError(
        f"This is Python {sys.version.split()[0]}, and no Python {PYTHON[0]}.{PYTHON[1]} was found on PATH, among pyenv's versions or "
        "uv's.\nForeshore runs the same Python on the host as in the browser. Install one and run the command again:\n"
        "  pyenv install 3.12    or    uv python install 3.12    or    your system's package (python3.12 with python3.12-venv)"
    )


def venv_python() -> Path:
    """The environment's interpreter."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def is_venv_ready(key: str) -> bool:
    """Whether the environment was installed to its end from this lock file."""
    marker = VENV / "foreshore.key"
    return marker.is_file() and marker.read_text() == key and venv_python().is_file()


def ensure_environment() -> None:
    """Make `.venv` from the lock file unless it is there; every package is checked against its hash by pip."""
    key = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if is_venv_ready(key):
        return
    python = find_python()
    say(f"Python environment: {python} -> {VENV} (once, about a minute)")
    shutil.rmtree(VENV, ignore_errors=True)
    run([python, "-m", "venv", VENV], "the environment could not be made; is there space on the disk?")
    install_packages()
    (VENV / "foreshore.key").write_text(key)


def install_packages() -> None:
    """Install what the lock file names, counting the packages as they come; raises SetupError with pip's last lines."""
    command = [str(venv_python()), "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes", "-r", str(LOCK)]
    last: list[str] = []
    count = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        for line in pip.stdout or ():
            last = [*last[-15:], line.rstrip()]
            if line.startswith("Collecting "):
                count += 1
                print(f"\r  {count} packages, now {line.split()[1].partition('==')[0]:40.40}", end="", file=sys.stderr, flush=True)
    say("")
    if pip.returncode:
        listed = "\n".join(last)
        raise SetupError(f"{listed}\nthe locked packages could not be installed; check the network and run the command again")


def ensure_node_modules() -> None:
    """Run `npm ci` unless `node_modules` was made from this lock file; needs Node 20 or newer."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        raise SetupError(f"Node.js was not found on PATH; install Node {NODE} or newer with npm and run the command again")
    key = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    marker = ROOT / "node_modules" / ".foreshore.key"
    if marker.is_file() and marker.read_text() == key:
        return
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip().lstrip("v")
    if int(version.split(".")[0]) < NODE:
        raise SetupError(f"this is Node {version}, expected {NODE} or newer; update it and run the command again")
    say("JavaScript packages: npm ci")
    run([npm, "ci", "--no-fund", "--no-audit", "--loglevel=error"], "npm ci failed; check the network and run the command again")
    marker.write_text(key)


def run(command: list[str | Path], advice: str) -> None:
    """Run a command, its output shown; raises SetupError where it fails."""
    code = subprocess.run([str(word) for word in command], cwd=ROOT, check=False).returncode
    if code:
        raise SetupError(f"{advice}\n(`{' '.join(str(word) for word in command[:4])} …` ended with {code})")


def go_into_environment() -> None:
    """Start over inside the environment, where everything may be imported."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "pywasm")]), "VIRTUAL_ENV": str(VENV)}
    environment.setdefault("ORT_DISABLE_TELEMETRY", "1")  # ONNX Runtime's official builds report to their maker otherwise
    environment["PATH"] = os.pathsep.join([str(venv_python().parent), environment.get("PATH", "")])
    become([str(venv_python()), str(Path(__file__).resolve()), *sys.argv[1:]], environment)


def become(command: list[str], environment: Mapping[str, str]) -> NoReturn:
    """Go on as another program, in this process where the system can."""
    if os.name == "nt":
        sys.exit(subprocess.run(command, env=environment, check=False).returncode)
    sys.stdout.flush()
    os.execve(command[0], command, environment)  # noqa: S606


# ---------------------------------------------------------------- commands: inside the environment


def build(options: argparse.Namespace) -> None:
    """Write `dist/`; what has not changed is not done again."""
    from packing.hashing import alone

    with alone(CACHE / "build.lock"):
        build_all()


def build_all() -> None:
    """Run every stage, then put the site together."""
    from foreshore import pipeline_names
    from models.contracts import write_generated
    from models.release import is_current, write_site
    from packing.runtime import runtime_stage
    from packing.stage import Stages, combined_key

    stages = Stages(ROOT, CACHE / "stages")
    names = pipeline_names(ROOT / "models")
    write_generated(ROOT / "web" / "generated", names)
    runtime = runtime_stage(stages, names)
    code = code_stage(stages)
    parts = {name: pipeline_parts(stages, name, runtime) for name in names}
    artefacts = [ROOT / "models" / name / "artefacts" for name in names]
    key = combined_key(
        ROOT,
        [*artefacts, ROOT / "models" / "release.py", *site_texts(), *filter(Path.is_file, [CASE_STUDIES, SERVING_COSTS]), Path(__file__)],
        [runtime.key, code.key, *(part.keys for part in parts.values())],
    )
    if is_current(DIST, key):
        stages.console.print("  [dim]site: unchanged[/dim]")
        return
    with stages.console.status("site …"):
        release = write_site(*lay_out(runtime, code, parts), key, CACHE / "brotli", DIST)
    stages.console.print(f"  [green]site[/green]: release {release} in {DIST}")


def code_stage(stages: Stages) -> Made:
    """The bundled browser code."""
    from web.bundle import bundle

    web = ROOT / "web"
    inputs = [
        web / "app",
        web / "bench",
        web / "shared",
        web / "worker",
        web / "generated",
        *sorted(web.glob("*.py")),
        ROOT / "package-lock.json",
    ]
    return stages.run("code", inputs, lambda out: bundle(web, out))


def pipeline_parts(stages: Stages, name: str, runtime: Made) -> Parts:
    """What a pipeline ships beside its artefacts; verified, or the build ends here."""
    from models.extras import extras_stages
    from models.lowering import graphs_stage
    from models.offering import offer_stage
    from models.published import ensure_artefacts
    from models.release import Parts
    from models.shipping import restore_shipped
    from models.verification.gate import verification_stage
    from web.bench.weights import weights_stage

    ensure_artefacts(ROOT / "models" / name, stages.console.print)
    restore_shipped(ROOT / "models" / name, stages.console.print)
    extras = {**extras_stages(stages, name), **weights_stage(stages, name), **offer_stage(stages, name)}
    graphs = graphs_stage(stages, name)
    report = verification_stage(stages, name, runtime, graphs, ROOT / "web", extras.get("history"))
    return Parts(graphs, report, extras)


def verify(options: argparse.Namespace) -> None:
    """Hold every execution of every pipeline to the host's, and show by how much they deviate."""
    from rich.console import Console

    from foreshore import pipeline_names
    from models.verification.gate import report_table
    from packing.runtime import runtime_stage
    from packing.stage import Stages

    stages = Stages(ROOT, CACHE / "stages")
    names = pipeline_names(ROOT / "models")
    runtime = runtime_stage(stages, names)
    for name in names:
        Console().print(report_table(pipeline_parts(stages, name, runtime).report))


def site_texts() -> list[Path]:
    """The texts that stand in the site's root, and what renders its `_headers`."""
    return [ROOT / "LICENSE", ROOT / "NOTICES.txt", ROOT / "web" / "server" / "headers.py"]


def lay_out(runtime: Made, code: Made, parts: Mapping[str, Parts]) -> tuple[Site, dict[str, Any]]:
    """Every file of the site, and the manifest's runtime, entry and pipelines."""
    from models.release import Site, release_pipeline
    from web.server.headers import render_headers_file

    site = Site()
    site.add_tree(code.folder)
    folder = site.add_hashed_tree(runtime.folder, "pyodide")
    for text in site_texts()[:2]:
        site.add_text(text.name, text.read_text())
    site.add_text("_headers", render_headers_file())
    versions = {key: runtime.facts[key] for key in ("pyodide", "python", "numpy")}
    return site, {
        "runtime": {**versions, "onnxruntime_web": package_version("onnxruntime-web")},
        "entry": {**code.facts, "pyodide_folder": folder},
        "pipelines": {name: release_pipeline(site, ROOT / "models" / name, part) for name, part in parts.items()},
        **({"case_studies": site.add_hashed(CASE_STUDIES, CASE_STUDIES.name)} if CASE_STUDIES.is_file() else {}),
        **({"serving_costs": site.add_hashed(SERVING_COSTS, "serving_costs.json")} if SERVING_COSTS.is_file() else {}),
    }


def package_version(name: str) -> str:
    """The version of an installed npm package."""
    version: str = json.loads((ROOT / "node_modules" / name / "package.json").read_text())["version"]
    return version


def serve(options: argparse.Namespace) -> None:
    """Build, then serve `dist/` until interrupted.

    The server starts afresh: libraries that a build has loaded run threads, and its worker processes, forked, would abort on leaving.
    """
    build(options)
    address = ["--dist", str(DIST), "--host", options.host, "--port", str(options.port)]
    become([sys.executable, "-m", "web.server", *address], {"FORESHORE_DATA": str(DATA), **os.environ})


def batch(options: argparse.Namespace) -> None:
    """Build, then predict the rows of a file by a pipeline of `dist/`, in a process of its own as `serve` does."""
    build(options)
    words = [options.name, str(options.input), str(options.output), "--dist", str(DIST)]
    words += ["--variant", options.variant] if options.variant else []
    words += [word for pair in options.map for word in ("--map", pair)]
    words += ["--fresh"] if options.fresh else []
    become([sys.executable, "-m", "web.server.batch", *words], os.environ)


def new(options: argparse.Namespace) -> None:
    """Write a pipeline that works as it stands, train it, and generate its contract for JavaScript."""
    from foreshore import pipeline_names
    from models.contracts import write_generated
    from models.scaffolding.creation import create_pipeline

    folder = create_pipeline(ROOT, options.name, options.title, lambda text: say(f"  {text}"))
    write_generated(ROOT / "web" / "generated", pipeline_names(ROOT / "models"))
    say(f"  {folder.relative_to(ROOT)}: edit it, then `python3 build.py train {options.name}`; `python3 build.py serve` shows it")


def train(options: argparse.Namespace) -> None:
    """Train a pipeline and write its artefacts."""
    from models.training import train_pipeline

    train_pipeline(ROOT, options.name)


def compress(options: argparse.Namespace) -> None:
    """Make pipelines' compressed variants, compare them in size, quality and time, and ship those that their programmes name.

    Without a name all that have recipes, and the case studies.
    """
    from models.compressing import compress_pipeline, programme_names
    from packing.browsers import ensure_browsers
    from packing.stage import Stages

    ensure_browsers(["chromium"])
    stages = Stages(ROOT, CACHE / "stages")
    everything = not options.names and not options.case_studies
    for name in programme_names(ROOT / "models") if everything else options.names:
        compress_pipeline(stages, name, in_the_browser, on_gpu)
    if everything or options.case_studies:
        from models.case_studies.measuring import measure_studies

        measure_studies(stages, study_in_the_browser)


def in_the_browser(models: Any, feeds: Any, setting: Any, tell: Any) -> Any:
    """Time models in onnxruntime-web, in a headless browser."""
    from web.bench.variants import Plan, measure

    return measure(models, feeds, batches=setting.batches, plan=Plan(rounds=setting.rounds), tell=tell)


def on_gpu(models: Any, feeds: Any, setting: Any, tell: Any) -> Any:
    """Time models on WebGPU, where there is a GPU."""
    from models.compressing import UntimedError
    from web.bench.variants import NoAdapterError, Plan, measure_gpu

    try:
        return measure_gpu(models, feeds, batches=setting.batches, plan=Plan(rounds=setting.rounds), tell=tell)
    except NoAdapterError as error:
        raise UntimedError(str(error)) from error


def study_in_the_browser(models: Any, feeds: Any, setting: Any, tell: Any) -> Any:
    """Time a case study's networks in onnxruntime-web, in a headless browser."""
    from web.bench.variants import Plan, measure

    return measure(models, feeds, batches=setting.batches, plan=Plan(rounds=setting.rounds, loads=setting.loads), tell=tell)


def bench(options: argparse.Namespace) -> None:
    """Build, then measure in a headless browser and on this machine, and print the tables."""
    build(options)
    if options.serving:
        from web.bench.serving.run import run as run_serving

        run_serving(DIST, options.output.with_name("serving.json"), quick=options.quick)
        return
    if options.costs:
        from web.bench.serving.run import run_costs

        run_costs(DIST, SERVING_COSTS, quick=options.quick)
        return
    from packing.browsers import ensure_browsers

    ensure_browsers(["chromium"])
    if options.batch:
        from models.benchmarks.tables import write_flights
        from web.bench.batch.run import run as run_batches

        run_batches(DIST, options.output.with_name("batch.json"), write_flights(CACHE / "flights"), quick=options.quick)
        return
    from web.bench.run import run as run_benchmark

    run_benchmark(DIST, options.output, quick=options.quick, pipelines=options.pipeline)


def check(options: argparse.Namespace) -> None:
    """Check format, lint and types of Python and JavaScript, and that generated files are up to date."""
    from foreshore import pipeline_names
    from models.contracts import check_generated
    from packing.checking import check_locks, run_checks, tool_checks
    from packing.notices import check_notices, write_notices

    names = pipeline_names(ROOT / "models")
    generated = ("generated files", lambda: check_generated(ROOT / "web" / "generated", names))
    notices = ("notices", lambda: write_notices(ROOT) if options.fix else check_notices(ROOT))
    run_checks([*tool_checks(ROOT, fix=options.fix), generated, notices, ("locks", lambda: check_locks(ROOT))])


def test(options: argparse.Namespace) -> None:
    """Build, make sure of the browsers and of PostgreSQL, then run every test with coverage."""
    from packing.browsers import ensure_browsers
    from packing.databases import ensure_postgresql

    build(options)
    ensure_browsers()
    ensure_postgresql()
    processes = min(os.cpu_count() or 1, MOST_TEST_PROCESSES)
    runs = [
        ["-m", "not browser and not faults", "--numprocesses", str(processes), "--dist", "loadfile", "--cov-report="],
        # A browser keeps two processors busy by itself.
        ["-m", "browser or faults", "--cov-append", "--cov-report=term"],
    ]
    chosen = [["--cov-report=term", *options.pytest]] if options.pytest else runs
    ended = [subprocess.run([sys.executable, "-m", "pytest", "--cov", *run], cwd=ROOT, check=False).returncode for run in chosen]
    sys.exit(max(ended, key=abs))


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    top = argparse.ArgumentParser(prog="build.py", description="Build, serve, check, test, create, train, compress and measure Foreshore.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(function: object, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(function.__name__, help=text, description=text)  # type: ignore[attr-defined]
        command.set_defaults(run=function)
        return command

    add(build, "write the static site to dist/")
    serving = add(serve, "build and serve at http://127.0.0.1:8000")
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument("--port", type=int, default=8000)
    add_batch_command(add)
    testing = add(test, "build, then run every test (arguments after -- go to pytest)")
    testing.add_argument("pytest", nargs="*", help="for pytest: files, -k, …")
    add(verify, "hold every execution of every pipeline to the host's")
    checking = add(check, "format, lint, types, generated files")
    checking.add_argument("--fix", action="store_true", help="write what can be mended")
    add_pipeline_commands(add)
    measuring = add(bench, "measure in a headless browser and on this machine")
    measuring.add_argument("--quick", action="store_true", help="fewer repetitions")
    measuring.add_argument("--pipeline", action="append", default=[], help="only this one; may be given several times")
    measuring.add_argument("--serving", action="store_true", help="predictions over HTTP instead (written beside OUTPUT, as serving.json)")
    measuring.add_argument(
        "--costs", action="store_true", help="what an answer costs, online and in batch (written where the site takes it from)"
    )
    measuring.add_argument(
        "--batch", action="store_true", help="whole tables on the Batch page instead (written beside OUTPUT, as batch.json)"
    )
    measuring.add_argument("--output", type=Path, default=ROOT / "build" / "benchmark.json", help="where the JSON goes")
    return top


def add_batch_command(add: Any) -> None:
    """The command that predicts files."""
    predicting = add(batch, "predict the rows of a CSV or Parquet file by a pipeline")
    predicting.add_argument("name", help="of the pipeline")
    predicting.add_argument("input", type=Path, help="a CSV file with a header, or a Parquet file")
    predicting.add_argument("output", type=Path, help="where the results go: a name that ends in .csv or .parquet")
    predicting.add_argument("--variant", help="of the model; the one that visitors get where none is named")
    predicting.add_argument("--map", action="append", default=[], metavar="FIELD=COLUMN", help="which column serves a field")
    predicting.add_argument("--fresh", action="store_true", help="forget what an earlier run has done")


def add_pipeline_commands(add: Any) -> None:
    """The commands that make pipelines and their models."""
    creating = add(new, "write a new pipeline that works as it stands, to be edited")
    creating.add_argument("name", help="in snake_case: models/NAME")
    creating.add_argument("--title", help="for people; made of the name where there is none")
    add(train, "train a pipeline: reproduces its committed metrics").add_argument("name")
    compressing = add(compress, "make, compare and ship compressed variants: of all pipelines, and of networks of the literature")
    compressing.add_argument("names", nargs="*", metavar="NAME", help="a pipeline; all that have recipes where none is named")
    compressing.add_argument("--case-studies", action="store_true", help="networks of the literature, published beside measured figures")


def main() -> int:
    """Run a command; the exit status is 0 when it did what it says."""
    options = parser().parse_args()
    try:
        ensure_environment()
        if Path(sys.prefix).resolve() != VENV.resolve() or str(ROOT / "pywasm") not in os.environ.get("PYTHONPATH", ""):
            go_into_environment()
        ensure_node_modules()
    except (SetupError, OSError) as error:
        say(f"build.py: {error}")
        return 2
    except KeyboardInterrupt:
        return 130
    return run_command(options)


def run_command(options: argparse.Namespace) -> int:
    """Run the command in the environment; errors of the rooms become one readable message."""
    from foreshore.errors import ForeshoreError
    from packing.errors import BuildError

    try:
        options.run(options)
    except (BuildError, ForeshoreError) as error:
        say(f"build.py {options.command}: {error}")
        return 1
    except OSError as error:  # a full disk, a folder without permission: what was there before is still there
        say(f"build.py {options.command}: {error}; the previous build in {DIST} is untouched")
        return 1
    except KeyboardInterrupt:
        say("stopped")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
