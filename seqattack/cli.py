"""The command line: ``seqattack train | evaluate | attack | app | doctor ...``.

Only the parser is built here; a command's own imports happen when it runs, so ``--help`` answers
at once.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seqattack import __version__
from seqattack.errors import SeqAttackError
from seqattack.script import collect_rarely, print_error, set_threads


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="seqattack",
        description="Adversarial attacks on named-entity recognition models, and training "
        "against them.",
    )
    parser.add_argument("--version", action="version", version=f"seqattack {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_train(commands)
    _add_train_masked_lm(commands)
    _add_train_scpn(commands)
    _add_evaluate(commands)
    _add_pick_samples(commands)
    _add_attack(commands)
    _add_attack_text(commands)
    _add_fetch(commands)
    _add_app(commands)
    _add_doctor(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: The words after the program's name; those of this process by default.

    Returns:
        The exit status: 0, 1 for a configuration that cannot run here, or 2 for an error that
        the message says how to cure.
    """
    collect_rarely()
    options = build_parser().parse_args(arguments)
    try:
        status: int | None = options.run(options)
    except SeqAttackError as error:
        print_error("seqattack: error", error)
        return 2
    except KeyboardInterrupt:
        print("seqattack: interrupted; run the same command to go on", file=sys.stderr)
        return 130
    return status or 0


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is not a positive number")
    return value


def _seconds(text: str) -> float | None:
    if text.lower() in ("none", "null"):
        return None
    value = float(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number of seconds")
    return value


def _size(text: str) -> int | None:
    return None if text == "all" else _positive(text)


def _add_machine(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("machine")
    group.add_argument("--device", default="auto", help="auto, cpu or cuda (default: auto)")
    group.add_argument("--threads", type=_positive, help="processor threads (default: torch's own)")


def _add_pretrained(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument(
        "--pretrained",
        required=True,
        help="'embedded' (all-MiniLM-L6-v2), a folder, or a hub name with --revision",
    )
    parser.add_argument("--revision", help="the hub model's pinned revision")
    parser.add_argument("--output", required=True, type=Path, help=f"folder of the trained {what}")


def _add_optimization(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=0, help="default: 0")
    parser.add_argument(
        "--precision",
        default="auto",
        choices=("auto", "float32", "bfloat16"),
        help="auto is bfloat16 where the processor has it (default: auto)",
    )
    _add_machine(parser)


def _add_model(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    parser.add_argument(
        "--model",
        required=default is None,
        default=default,
        help="folder or hub name of a token-classification model"
        + (f" (default: {default})" if default else ""),
    )
    parser.add_argument("--revision", help="the hub model's pinned revision")
    parser.add_argument(
        "--precision",
        default="float32",
        choices=("auto", "float32", "bfloat16"),
        help="of the forward passes of victim and sentence encoder; auto is bfloat16 where the "
        "device has it (default: float32)",
    )
    _add_machine(parser)


def _add_sentences(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--sentences",
        required=True,
        type=Path,
        help="tagged sentences: JSON lines (.jsonl) or a CoNLL column file",
    )


def _add_recipe(parser: argparse.ArgumentParser, recipe: str | None = None) -> None:
    parser.add_argument(
        "--recipe",
        required=recipe is None,
        default=recipe,
        help="deepwordbug-i-K or deepwordbug-ii-K (K: largest Levenshtein distance), bert-attack, "
        "clare, scpn, textfooler, bae, morpheus, entity-swap, or a recipe of TextAttack's"
        + (f" (default: {recipe})" if recipe else ""),
    )
    parser.add_argument(
        "--goal",
        default="untargeted-strict",
        help="untargeted, untargeted-strict, targeted or targeted:CLASS "
        "(default: untargeted-strict)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of every random choice (default: 0)")
    parser.add_argument(
        "--query-budget",
        type=_positive,
        default=512,
        help="goal-function evaluations a sentence (default: 512)",
    )
    parser.add_argument(
        "--max-mispredicted",
        type=float,
        default=0.8,
        help="share of entity tokens wrong at which a search stops (default: 0.8)",
    )
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=None,
        help="seconds a sentence; 'none', the default, keeps runs reproducible",
    )
    parser.add_argument(
        "--max-pieces",
        type=lambda text: None if text == "none" else _positive(text),
        default=3,
        help="words of more sub-tokens are not attacked; 'none' attacks all (default: 3)",
    )
    parser.add_argument(
        "--ascii-only", action="store_true", help="refuse candidates with non-ASCII characters"
    )
    parser.add_argument(
        "--refuse-negations", action="store_true", help="refuse candidates with a negation"
    )
    parser.add_argument("--masked-lm", help="folder or hub name of the masked LM, if one is needed")
    parser.add_argument("--masked-lm-revision", help="its pinned revision on the hub")
    parser.add_argument(
        "--similarity",
        default="sentence-transformers",
        help="sentence encoder, if one is needed: sentence-transformers (the default) or use",
    )
    parser.add_argument(
        "--similarity-model",
        help="its folder; hub name with --similarity-revision, or address that `fetch` fetched",
    )
    parser.add_argument("--similarity-revision", help="its pinned revision on the hub")
    parser.add_argument("--similarity-sha256", help="of the archive that was fetched")
    parser.add_argument(
        "--entities", type=Path, help="tagged sentences whose entities are swapped in, if needed"
    )
    parser.add_argument("--paraphraser", help="folder of the SCPN, if one is needed")
    parser.add_argument(
        "--parser",
        default="shallow",
        help="the SCPN's parser: shallow, or the address of a CoreNLP server (shallow)",
    )


def _add_train(commands: Any) -> None:
    parser = commands.add_parser("train", help="fine-tune a victim")
    parser.set_defaults(run=_train)
    for split in ("train", "dev", "test"):
        parser.add_argument(f"--{split}", required=True, type=Path, help=f"the {split} sentences")
    parser.add_argument(
        "--limit", type=_size, default=None, help="use the first N training sentences, or all"
    )
    _add_pretrained(parser, "victim")
    parser.add_argument("--epochs", type=_positive, default=3, help="default: 3")
    parser.add_argument("--learning-rate", type=float, default=5e-5, help="default: 5e-5")
    parser.add_argument("--batch-size", type=_positive, default=16, help="default: 16")
    parser.add_argument("--warmup-ratio", type=float, default=0.0, help="default: 0")
    parser.add_argument("--weight-decay", type=float, default=0.0, help="default: 0")
    _add_optimization(parser)


def _add_train_masked_lm(commands: Any) -> None:
    parser = commands.add_parser(
        "train-masked-lm", help="train a masked LM, which word-level attacks need, on a corpus"
    )
    parser.set_defaults(run=_train_masked_lm)
    for split in ("train", "dev"):
        parser.add_argument(f"--{split}", required=True, type=Path, help=f"the {split} sentences")
    _add_pretrained(parser, "masked LM")
    parser.add_argument("--steps", type=_positive, default=1000, help="default: 1000")
    parser.add_argument("--learning-rate", type=float, default=3e-4, help="default: 3e-4")
    parser.add_argument("--batch-size", type=_positive, default=32, help="default: 32")
    parser.add_argument("--warmup-ratio", type=float, default=0.05, help="default: 0.05")
    _add_optimization(parser)


def _add_train_scpn(commands: Any) -> None:
    parser = commands.add_parser(
        "train-scpn", help="train a small SCPN, which the attack by paraphrases needs, on a corpus"
    )
    parser.set_defaults(run=_train_scpn)
    for split in ("train", "dev"):
        parser.add_argument(f"--{split}", required=True, type=Path, help=f"the {split} sentences")
    parser.add_argument("--output", required=True, type=Path, help="folder of the trained SCPN")
    parser.add_argument("--steps", type=_positive, default=800, help="default: 800")
    parser.add_argument("--learning-rate", type=float, default=3e-3, help="default: 3e-3")
    parser.add_argument("--batch-size", type=_positive, default=64, help="default: 64")
    parser.add_argument("--seed", type=int, default=0, help="default: 0")
    _add_machine(parser)


def _add_evaluate(commands: Any) -> None:
    parser = commands.add_parser("evaluate", help="precision, recall and F1 of a victim")
    parser.set_defaults(run=_evaluate)
    _add_model(parser)
    _add_sentences(parser)
    parser.add_argument("--output", type=Path, help="write the metrics here as JSON too")


def _add_pick_samples(commands: Any) -> None:
    parser = commands.add_parser("pick-samples", help="choose the sentences to attack")
    parser.set_defaults(run=_pick_samples)
    _add_model(parser)
    _add_sentences(parser)
    parser.add_argument("--size", type=_positive, default=256, help="default: 256")
    parser.add_argument(
        "--max-wrong",
        type=float,
        default=0.1,
        help="largest share of entity tokens that the victim may get wrong (default: 0.1)",
    )
    parser.add_argument(
        "--order", choices=("corpus", "shuffled"), default="corpus", help="default: corpus"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the shuffled order (default: 0)")
    parser.add_argument("--output", required=True, type=Path, help="JSON lines of sentences")


def _add_attack(commands: Any) -> None:
    parser = commands.add_parser("attack", help="attack sentences and record what was found")
    parser.set_defaults(run=_attack)
    _add_model(parser)
    _add_sentences(parser)
    _add_recipe(parser)
    parser.add_argument(
        "--start", type=int, default=0, help="index of the first sentence (default: 0)"
    )
    parser.add_argument("--stop", type=int, help="index after the last sentence (default: the end)")
    parser.add_argument(
        "--in-flight",
        type=_positive,
        default=32,
        help="sentences that share batches; changes speed only (default: 32)",
    )
    parser.add_argument(
        "--batch-tokens",
        type=_positive,
        default=512,
        help="sub-tokens of a full batch (default: 512)",
    )
    parser.add_argument("--output", required=True, type=Path, help="JSON lines of attack records")


def _add_attack_text(commands: Any) -> None:
    parser = commands.add_parser(
        "attack-text", help="attack one sentence against the victim's own tags and show the result"
    )
    parser.set_defaults(run=_attack_text)
    parser.add_argument("text", help="the sentence")
    _add_model(parser, default="results/models/full")
    _add_recipe(parser, recipe="deepwordbug-i-5")


def _add_fetch(commands: Any) -> None:
    parser = commands.add_parser(
        "fetch", help="fetch a model's archive, such as the Universal Sentence Encoder's"
    )
    parser.set_defaults(run=_fetch)
    parser.add_argument("address", help="URL of a tar archive")
    parser.add_argument("--sha256", help="checked before it is unpacked")


def _add_app(commands: Any) -> None:
    parser = commands.add_parser(
        "app", help="inspect, pick, try and compare adversarial examples in the browser"
    )
    parser.set_defaults(run=_app)
    parser.add_argument(
        "results",
        nargs="?",
        default="results",
        type=Path,
        help="results folder of a run (default: results)",
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="where to listen; others than this computer are asked for a token, "
        "which SEQATTACK_APP_TOKEN may set (default: 127.0.0.1)",
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default: 0)")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a further name by which the server may be called; may be repeated",
    )
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        type=Path,
        help="folder of a further victim to try; may be repeated",
    )
    _add_machine(parser)


def _add_doctor(commands: Any) -> None:
    parser = commands.add_parser(
        "doctor", help="say what is installed, reachable and cached, and what a configuration lacks"
    )
    parser.set_defaults(run=_doctor)
    parser.add_argument(
        "config", nargs="?", type=Path, help="a pipeline's configuration, such as config/demo.yaml"
    )


def _load_victim(options: argparse.Namespace) -> Any:
    set_threads(options.threads)
    from seqattack.victim.model import Victim

    return Victim.load(
        options.model,
        revision=options.revision,
        device=options.device,
        precision=options.precision,
    )


def _settings(options: argparse.Namespace) -> Any:
    from seqattack.attack.engine import AttackSettings
    from seqattack.attack.recipes import RecipeOptions

    return AttackSettings(
        recipe=options.recipe,
        goal=options.goal,
        seed=options.seed,
        query_budget=options.query_budget,
        max_mispredicted=options.max_mispredicted,
        timeout=options.timeout,
        options=RecipeOptions(options.max_pieces, options.ascii_only, options.refuse_negations),
    )


def _resources(options: argparse.Namespace) -> Any:
    """Return what the recipe needs besides the victim, and nothing that it doesn't."""
    from seqattack.attack.engine import Resources
    from seqattack.attack.recipes import Need, find_recipe
    from seqattack.masked_lm.model import MaskedLM
    from seqattack.metrics.similarity import similarity_backend

    needs = find_recipe(options.recipe).needs
    lm = similarity = entities = paraphraser = None
    if Need.MASKED_LM in needs and options.masked_lm:
        revision = options.masked_lm_revision
        lm = MaskedLM.load(options.masked_lm, revision=revision, device=options.device)
    if Need.SIMILARITY in needs:
        similarity = similarity_backend(
            {
                "backend": options.similarity,
                "model": options.similarity_model,
                "revision": options.similarity_revision,
                "sha256": options.similarity_sha256,
            },
            options.device,
            options.precision,
        )
    if Need.ENTITIES in needs and options.entities:
        from seqattack.attack.words import entity_inventory
        from seqattack.corpus import read_sentences

        sentences = read_sentences(options.entities)
        entities = entity_inventory((s.tokens, s.tags) for s in sentences)
    if Need.PARAPHRASER in needs and options.paraphraser:
        from seqattack.scpn.session import Paraphraser

        paraphraser = Paraphraser.load(
            options.paraphraser, parser=options.parser, device=options.device
        )
    return Resources(lm, similarity, entities, paraphraser)


def _train(options: argparse.Namespace) -> None:
    set_threads(options.threads)
    from seqattack.corpus import read_sentences, tag_set
    from seqattack.victim.pretrained import resolve_pretrained
    from seqattack.victim.training import TrainingSettings, train

    sentences, dev, test = (
        read_sentences(path) for path in (options.train, options.dev, options.test)
    )
    name, revision = resolve_pretrained(_pretrained(options))
    train(
        sentences[: options.limit],
        dev,
        test,
        labels=tag_set([*sentences, *dev, *test]),
        pretrained=name,
        revision=revision,
        output=options.output,
        settings=TrainingSettings(
            epochs=options.epochs,
            learning_rate=options.learning_rate,
            batch_size=options.batch_size,
            seed=options.seed,
            precision=options.precision,
            warmup_ratio=options.warmup_ratio,
            weight_decay=options.weight_decay,
        ),
        device=options.device,
        threads=options.threads,
    )


def _train_masked_lm(options: argparse.Namespace) -> None:
    set_threads(options.threads)
    from seqattack.corpus import read_sentences
    from seqattack.masked_lm.training import MaskedLMSettings, train_masked_lm
    from seqattack.victim.pretrained import resolve_pretrained

    name, revision = resolve_pretrained(_pretrained(options))
    train_masked_lm(
        read_sentences(options.train),
        read_sentences(options.dev),
        pretrained=name,
        revision=revision,
        output=options.output,
        settings=MaskedLMSettings(
            steps=options.steps,
            learning_rate=options.learning_rate,
            batch_size=options.batch_size,
            warmup_ratio=options.warmup_ratio,
            seed=options.seed,
            precision=options.precision,
        ),
        device=options.device,
        threads=options.threads,
    )


def _train_scpn(options: argparse.Namespace) -> None:
    set_threads(options.threads)
    from seqattack.corpus import read_sentences
    from seqattack.scpn.training import ScpnSettings, train_scpn

    train_scpn(
        read_sentences(options.train),
        read_sentences(options.dev),
        output=options.output,
        settings=ScpnSettings(
            steps=options.steps,
            learning_rate=options.learning_rate,
            batch_size=options.batch_size,
            seed=options.seed,
        ),
        device=options.device,
        threads=options.threads,
    )


def _pretrained(options: argparse.Namespace) -> dict[str, str]:
    if options.pretrained == "embedded":
        return {"embedded": "minilm"}
    if Path(options.pretrained).is_dir():
        return {"path": options.pretrained}
    named = {"name": options.pretrained}
    return named | ({"revision": options.revision} if options.revision else {})


def _evaluate(options: argparse.Namespace) -> None:
    victim = _load_victim(options)
    from seqattack.corpus import read_sentences
    from seqattack.io import write_json
    from seqattack.victim.evaluation import evaluate

    metrics = evaluate(victim, read_sentences(options.sentences))
    print(json.dumps(metrics.to_json(), indent=2))
    if options.output:
        write_json(options.output, metrics.to_json())


def _pick_samples(options: argparse.Namespace) -> None:
    victim = _load_victim(options)
    from seqattack.corpus import read_sentences, write_jsonl
    from seqattack.subset import pick_samples

    subset = pick_samples(
        read_sentences(options.sentences),
        victim,
        options.size,
        options.max_wrong,
        options.order,
        options.seed,
    )
    write_jsonl(options.output, subset.sentences)
    print(
        f"{options.output}: {len(subset.sentences)} sentences, of {subset.qualified} that qualify, "
        f"of {subset.with_entity} with an entity, of {subset.examined}",
        file=sys.stderr,
    )


def _attack(options: argparse.Namespace) -> None:
    victim = _load_victim(options)
    from seqattack.attack.engine import Engine
    from seqattack.console import attack_progress
    from seqattack.corpus import read_sentences

    sentences = read_sentences(options.sentences)[options.start : options.stop]
    resources = _resources(options)
    engine = Engine(victim, _settings(options), resources, options.in_flight, options.batch_tokens)
    with attack_progress(options.recipe) as show:
        engine.run(sentences, options.output, show)


def _fetch(options: argparse.Namespace) -> None:
    from seqattack.fetch import Archive, archive_sha256, fetch_archive

    archive = Archive(options.address, options.sha256)
    folder = fetch_archive(archive)
    print(f"{folder}: SHA-256 of the archive is {archive_sha256(archive)}")


def _attack_text(options: argparse.Namespace) -> None:
    victim = _load_victim(options)
    from rich.console import Console

    from seqattack.attack.engine import Engine
    from seqattack.console import render_record
    from seqattack.corpus.plain import tag_text

    sentence = tag_text(options.text, victim)
    engine = Engine(victim, _settings(options), _resources(options), in_flight=1)
    (record,) = engine.attack([sentence])
    console = Console(soft_wrap=True, highlight=False)
    for line in render_record(record):
        console.print(line)


def _app(options: argparse.Namespace) -> None:
    set_threads(options.threads)
    from seqattack.app.server import ServerSettings, serve

    serve(
        ServerSettings(
            results=options.results,
            host=options.host,
            port=options.port,
            opens_browser=not options.no_browser,
            allowed_hosts=options.allow_host,
            models={model.resolve().name: model for model in options.model},
            device=options.device,
        )
    )


def _doctor(options: argparse.Namespace) -> int:
    from seqattack.config import load_config
    from seqattack.console import printable
    from seqattack.doctor import State, diagnose

    config = load_config(options.config) if options.config else None
    can_run = True
    for finding in diagnose(config):
        print(printable(f"{finding.state:<8}{finding.subject:<24}{finding.detail}"), flush=True)
        can_run &= finding.state is not State.MISSING
    if config:
        print(f"{options.config} can{'' if can_run else 'not'} run here")
    return 0 if can_run else 1
