"""Commands that attack sentences."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from seqattack.cli.options import add_model, add_sentences, load_victim, positive, seconds


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
        type=positive,
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
        type=seconds,
        default=None,
        help="seconds a sentence; 'none', the default, keeps runs reproducible",
    )
    parser.add_argument(
        "--max-pieces",
        type=lambda text: None if text == "none" else positive(text),
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


def add_attack(commands: Any) -> None:
    """Add the command that attacks sentences."""
    parser = commands.add_parser("attack", help="attack sentences and record what was found")
    parser.set_defaults(run=_attack)
    add_model(parser)
    add_sentences(parser)
    _add_recipe(parser)
    parser.add_argument(
        "--start", type=int, default=0, help="index of the first sentence (default: 0)"
    )
    parser.add_argument("--stop", type=int, help="index after the last sentence (default: the end)")
    parser.add_argument(
        "--in-flight",
        type=positive,
        default=32,
        help="sentences that share batches; changes speed only (default: 32)",
    )
    parser.add_argument(
        "--batch-tokens",
        type=positive,
        default=512,
        help="sub-tokens of a full batch (default: 512)",
    )
    parser.add_argument("--output", required=True, type=Path, help="JSON lines of attack records")


def add_attack_text(commands: Any) -> None:
    """Add the command that attacks one typed sentence."""
    parser = commands.add_parser(
        "attack-text", help="attack one sentence against the victim's own tags and show the result"
    )
    parser.set_defaults(run=_attack_text)
    parser.add_argument("text", help="the sentence")
    add_model(parser, default="results/models/full")
    _add_recipe(parser, recipe="deepwordbug-i-5")


def _settings(options: argparse.Namespace) -> Any:
    from seqattack.attack.settings import AttackSettings, RecipeOptions

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
    from seqattack.attack.recipes.recipe import Need
    from seqattack.attack.recipes.registry import find_recipe
    from seqattack.attack.resources import Resources
    from seqattack.masked_lm.model import MaskedLM
    from seqattack.sentence_encoder.backends import similarity_backend

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
        from seqattack.corpus import read_sentences
        from seqattack.corpus.inventory import entity_inventory

        sentences = read_sentences(options.entities)
        entities = entity_inventory((s.tokens, s.tags) for s in sentences)
    if Need.PARAPHRASER in needs and options.paraphraser:
        from seqattack.scpn.session import Paraphraser

        paraphraser = Paraphraser.load(
            options.paraphraser, parser=options.parser, device=options.device
        )
    return Resources(lm, similarity, entities, paraphraser)


def _attack(options: argparse.Namespace) -> None:
    victim = load_victim(options)
    from seqattack.attack.engine import Engine
    from seqattack.cli.console import attack_progress
    from seqattack.corpus import read_sentences

    sentences = read_sentences(options.sentences)[options.start : options.stop]
    resources = _resources(options)
    engine = Engine(victim, _settings(options), resources, options.in_flight, options.batch_tokens)
    with attack_progress(options.recipe) as show:
        engine.run(sentences, options.output, show)


def _attack_text(options: argparse.Namespace) -> None:
    victim = load_victim(options)
    from rich.console import Console

    from seqattack.attack.engine import Engine
    from seqattack.cli.console import render_record
    from seqattack.victim.tagging import tag_text

    sentence = tag_text(options.text, victim)
    engine = Engine(victim, _settings(options), _resources(options), in_flight=1)
    (record,) = engine.attack([sentence])
    console = Console(soft_wrap=True, highlight=False)
    for line in render_record(record):
        console.print(line)
