"""Train a network from the command line, for example: python -m core mnist_cnn --preset digits --epochs 1.

Old names of topics and settings still work.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError
from tqdm import tqdm

from core import tools, topics
from core.errors import CoreError
from core.paths import RUNS
from core.training.config import RunConfig
from core.training.progress import Progress, TrainedModel, run_to_end
from core.training.state import Change

if TYPE_CHECKING:
    from torch import Tensor

    from core.engine import Run


def main(arguments: list[str] | None = None) -> int:
    """Train a network, check a run, rebuild the recorded runs that ship with the app, or repeat a saved run.

    ``arguments`` are the command-line arguments, by default ``sys.argv[1:]``. Returns the exit status: 0 for success, 1
    for a CoreError, or 2 for an invalid setting. The exit status is also 1 if a repeated run has different results, or
    if ``check`` finds an error.
    Raises SystemExit for ``--help`` and for arguments that cannot be parsed.
    """
    parser = argparse.ArgumentParser(prog="python -m core", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="TOPIC", title="topics")
    for name in topics.names():
        _add_topic(commands.add_parser(name, help=_subject(topics.topic(name))), topics.topic(name))
    for name in tools.names():
        _add_topic(commands.add_parser(name, help=_subject(topics.topic(name))), topics.topic(name))
    checkpoints = commands.add_parser("checkpoints", help="rebuild the recordings in checkpoints/")
    checkpoints.add_argument("topics", nargs="*", metavar="TOPIC", help="a topic, or one recording: TOPIC-PRESET")
    check = commands.add_parser("check", help="train, and print what is wrong with the run")
    checks = check.add_subparsers(dest="topic", required=True, metavar="TOPIC")
    for name in topics.names():
        if topics.topic(name).signals:
            _add_settings(checks.add_parser(name, help=_subject(topics.topic(name))), topics.topic(name))
    export = commands.add_parser("export", help="write a program that trains like a run, its network, or its curves")
    exports = export.add_subparsers(dest="topic", required=True, metavar="TOPIC")
    for name in topics.names():
        _add_export(exports.add_parser(name, help=_subject(topics.topic(name))), topics.topic(name))
    saved = exports.add_parser("run", help="a saved run, with the changes made during training")
    _add_run(saved)
    _add_files(saved)
    _add_network(saved, "names, for example: seed, learning_rate")
    again = commands.add_parser("train-again", help="repeat a saved run and check that the results are bit-identical")
    _add_run(again)
    arguments = sys.argv[1:] if arguments is None else arguments
    options = vars(parser.parse_args([topics.current_name(word) for word in arguments[:1]] + arguments[1:]))
    command = options.pop("command")
    try:
        if command == "checkpoints":
            from core.engine.recordings import rebuild

            rebuild(options["topics"])
            return 0
        if command == "check":
            return _check(topics.topic(options["topic"]), options)
        if command == "export" and options["topic"] == "run":
            return _export_run(options)
        if command == "export":
            return _export(topics.topic(options["topic"]), options)
        if command == "train-again":
            return _train_again(options["run"], options["runs"])
        return _train(topics.topic(command), options)
    except CoreError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1


def _subject(topic: topics.Topic) -> str:
    """Return a topic's description, from the first line of the docstring of its topic.py."""
    package = tools if topic.name in tools.names() else topics
    module = import_module(f"{package.__name__}.{topic.name}.topic")
    return (module.__doc__ or topic.name).splitlines()[0].removeprefix("The topic: ")


def _add_topic(parser: argparse.ArgumentParser, topic: topics.Topic) -> None:
    _add_settings(parser, topic)
    parser.add_argument("--json", action="store_true", help="print one event per line, then the result")


def _add_settings(parser: argparse.ArgumentParser, topic: topics.Topic) -> None:
    first = next(iter(topic.presets))
    parser.add_argument("--preset", choices=topic.presets, default=first, help=f"initial settings (default: {first})")
    for name, field in type(topic.default).model_fields.items():
        names = [name, *(old for old, new in topic.config_class.renamed.items() if new == name)]
        spellings = dict.fromkeys(f"--{name.replace(*swap)}" for name in names for swap in (("_", "-"), ("-", "_")))
        parser.add_argument(*spellings, dest=f"field.{name}", metavar="VALUE", help=field.description)


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="id of the run, as in its link: ?run=RUN")
    where = f"where runs are saved ({RUNS.name}/)"
    parser.add_argument("--runs", type=Path, default=RUNS, metavar="FOLDER", help=where)


def _add_export(parser: argparse.ArgumentParser, topic: topics.Topic) -> None:
    _add_settings(parser, topic)
    _add_run_files(parser, topic)
    if not topic.constants:
        return
    if choices := topic.choices(topic.default):
        _add_network(parser, f"names: {', '.join(choices)}")
    _add_files(parser)


def _add_network(parser: argparse.ArgumentParser, names: str) -> None:
    subject = f"the network to export, if it is not the default one; {names}"
    parser.add_argument("--network", nargs="+", default=[], metavar="NAME=VALUE", help=subject)


def _add_files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--script", type=Path, metavar="FILE", help="write a Python program to this file")
    parser.add_argument("--notebook", type=Path, metavar="FILE", help="write a Jupyter notebook to this file")


def _add_run_files(parser: argparse.ArgumentParser, topic: topics.Topic) -> None:
    """Add the options that need a trained network: a recording if there is one, else a new run."""
    if topic.networks:
        several = f"; one file each for {', '.join(topic.networks)}" if len(topic.networks) > 1 else ""
        text = f"train, unless there is a recording, and write the network to this ONNX file{several}"
        parser.add_argument("--onnx", type=Path, metavar="FILE", help=text)
    text = "train, unless there is a recording, and write the curves to this folder for tensorboard --logdir"
    parser.add_argument("--tensorboard", type=Path, metavar="DIR", help=text)


def _config(topic: topics.Topic, options: dict) -> RunConfig | None:
    """Return the settings of a command, or None after printing what is wrong with them."""
    fields = {name.removeprefix("field."): value for name, value in options.items() if name.startswith("field.")}
    preset = topic.presets[options["preset"]]
    try:
        config = preset.changed(**{name: value for name, value in fields.items() if value is not None})
    except ValidationError as error:
        for problem in error.errors():
            field = ".".join(map(str, problem["loc"]))
            print(f"{'--' + field if field else 'settings'}: {problem['msg']}", file=sys.stderr)
        return None
    return topic.resolve(config)


def _export(topic: topics.Topic, options: dict) -> int:
    config = _config(topic, options)
    if config is None:
        return 2
    if options.get("onnx") or options["tensorboard"]:
        status = _export_trained(topic, config, options.get("onnx"), options["tensorboard"])
        if status or not (options.get("script") or options.get("notebook")):
            return status
    if not topic.constants:
        print(f"{topic.name} has no program. Add --tensorboard DIR.", file=sys.stderr)
        return 2
    return _write_program(topic, config, (), options)


def _export_run(options: dict) -> int:
    from core.engine import RunStore

    run = RunStore(options["runs"]).load(options["run"])
    topic = topics.topic(run.topic)
    if not topic.constants:
        print(f"{run.topic} has no program.", file=sys.stderr)
        return 1
    return _write_program(topic, topic.resolve(run.config), run.changes, options)


def _write_program(topic: topics.Topic, config: RunConfig, changes: Sequence[Change], options: dict) -> int:
    from core.export.notebook import notebook

    try:
        program = topic.program(
            config, changes, **dict(part.partition("=")[::2] for part in options.get("network", ()))
        )
    except ValueError as error:
        print(f"--network: {error}", file=sys.stderr)
        return 2
    try:
        if options["script"]:
            options["script"].write_text(program, encoding="utf-8")
        if options["notebook"]:
            options["notebook"].write_text(notebook(program), encoding="utf-8")
        for folder in {file.parent for file in (options["script"], options["notebook"]) if file}:
            for name, content in topic.program_files(config).items() if topic.program_files else ():
                (folder / name).write_bytes(content)
    except OSError as error:
        print(f"Cannot write {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    if not (options["script"] or options["notebook"]):
        print(program, end="")
    return 0


def _export_trained(topic: topics.Topic, config: RunConfig, onnx_file: Path | None, folder: Path | None) -> int:
    """Write the networks and the curves of the recording with these settings, or else of a new run."""
    from core.export import event_files, networks

    files = {name: onnx_file.with_stem(f"{onnx_file.stem}-{name}") for name in topic.networks} if onnx_file else {}
    if onnx_file and len(files) == 1:
        files = dict.fromkeys(files, onnx_file)
    try:
        for file in files.values():  # before the training, which may take long
            file.open("ab").close()
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
        history, weights = _recorded_or_trained(topic, config, needs_weights=bool(files))
        about = {"topic": topic.name, "settings": config.model_dump_json()}
        for name, file in files.items():
            file.write_bytes(networks.onnx(topic.networks[name](config, weights), about))
        if folder:
            event_files.write_events(folder, history, settings=config.model_dump())
    except OSError as error:
        print(f"Cannot write {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def _recorded_or_trained(
    topic: topics.Topic, config: RunConfig, *, needs_weights: bool
) -> tuple[Sequence[Progress], Mapping[str, "Tensor"]]:
    """Return the events and the weights of the recording with these settings, or else of a new run."""
    import safetensors.torch

    from core.engine import prepare
    from core.engine.recordings import find

    run = find(topic, config)
    if run and (run.weights or not needs_weights):
        print(f"Recording: {run.id}", file=sys.stderr)
        return run.history(), safetensors.torch.load(run.weights) if run.weights else {}
    history: list[Progress] = []
    prepare(config)
    model = _show_progress(topic, config, history.append)
    return history, model.weights


def _train(topic: topics.Topic, options: dict) -> int:
    from core.engine import prepare

    config = _config(topic, options)
    if config is None:
        return 2
    prepare(config)
    if options["json"]:
        result = run_to_end(topic.train(config), _print_event)
        print(json.dumps({"result": dict(result.metrics)}))
    else:
        result = _show_progress(topic, config)
        for name, value in result.metrics.items():
            print(f"{name:28} {'not finite' if value is None else format(value, '.6g')}")
    return 0


def _check(topic: topics.Topic, options: dict) -> int:
    """Train, and print the findings of the health checks with what to try."""
    from core.engine import prepare
    from core.training.health import ADVICE, describe, findings

    config = _config(topic, options)
    if config is None or topic.signals is None:
        return 2
    prepare(config)
    history: list[Progress] = []
    _show_progress(topic, config, history.append)
    found = findings(replace(topic.signals(config, history), finished=True), config)
    for finding in found:
        print(f"{finding.severity}: {describe(finding)} {ADVICE[finding.code]}")
        if finding.changes:
            print("  " + " ".join(f"--{name} {value}" for name, value in finding.changes.items()))
    if not found:
        print("No problems found.")
    return int(any(finding.severity == "error" for finding in found))


def _train_again(run_id: str, folder: Path) -> int:
    from core.engine import RunStore
    from core.engine.train_again import train_again

    run = RunStore(folder).load(run_id)
    count = len(run.history())
    print(f"{run.topic}, {count} events, changes during training: {_changes_of(run)}")
    try:
        for _event in tqdm(train_again(run), total=count, unit="event"):
            pass
    except ValueError as difference:
        print(f"Not identical: {difference}", file=sys.stderr)
        return 1
    print("Repeated with bit-identical results.")
    return 0


def _changes_of(run: "Run") -> str:
    return ", ".join(f"{change.name} = {change.value} after update {change.step}" for change in run.changes) or "none"


def _print_event(event: Progress) -> None:
    print(json.dumps({"step": event.step, "total": event.total, "metrics": dict(event.metrics)}), flush=True)


def _show_progress(
    topic: topics.Topic, config: RunConfig, watch: Callable[[Progress], None] = lambda _event: None
) -> TrainedModel:
    with tqdm(unit="update") as bar:

        def show(event: Progress) -> None:
            watch(event)
            bar.total = event.total
            bar.update(event.step - bar.n)
            if event.metrics.get("loss") is not None:
                bar.set_postfix(loss=f"{event.metrics['loss']:.4g}", refresh=False)

        return run_to_end(topic.train(config), show)


if __name__ == "__main__":
    sys.exit(main())
