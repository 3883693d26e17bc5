"""Access to the config, paths and options; what rules share, and nothing that computes."""

import json
import shlex
import sys
from pathlib import Path

sys.path.insert(0, workflow.basedir)

from seqattack.attack.recipes.recipe import Need
from seqattack.attack.recipes.registry import find_recipe
from seqattack.pipeline.code_hash import library_hash
from seqattack.pipeline.config import PICKS, load_config, of_one_seed
from seqattack.errors import SeqAttackError
from seqattack.io import read_json
from seqattack.report.names import BASELINE, table_ids
from seqattack.pipeline.doctor import check_scpn
from snakemake.exceptions import WorkflowError

try:
    CONFIG = load_config(config)
    check_scpn(CONFIG)
except SeqAttackError as error:
    raise WorkflowError(str(error))

RESULTS = Path(CONFIG.results)
FIGURES = Path(CONFIG.figures)
LOGS = Path(CONFIG.logs)
TABLES = RESULTS / "tables"
ENVIRONMENT = f"{workflow.basedir}/envs/seqattack.yaml"
# TensorFlow is installed only for those who use the Universal Sentence Encoder.
SIMILARITY_ENVIRONMENT = (
    f"{workflow.basedir}/envs/seqattack-use.yaml"
    if CONFIG.similarity["backend"] == "use"
    else ENVIRONMENT
)

# What a job asks of a cluster, enough for BERT on CoNLL-2003: megabytes of its first attempt, and
# minutes. Measured there with MiniLM: trainings 1800 (masked LM: 3800), attacks 1300, predictions
# 850 MB. An attack that runs out of time goes on where it stopped. Rules without resources take
# what the profile says; those with `localrule` take seconds and run where Snakemake does.
MEMORY = {"train": 6000, "attack": 4000, "predict": 2000, "score": 2000}
RUNTIME = {"train": 480, "attack": 480, "predict": 60, "score": 60}
GPUS = 1 if CONFIG.device == "cuda" else 0

# The library reaches the jobs of every environment and executor. Jobs in a conda environment use its
# Python, the others the one that runs Snakemake.
PATHS = {"PYTHONPATH": workflow.basedir}
USES_CONDA = "conda" in {
    str(method) for method in workflow.deployment_settings.deployment_method
}
if not USES_CONDA:
    PATHS["PATH"] = str(Path(sys.executable).parent)
EXPORTS = "".join(
    f"export {name}={shlex.quote(path)}${{{{{name}:+:${name}}}}}; "
    for name, path in PATHS.items()
)
shell.prefix(f"set -euo pipefail; {EXPORTS}")


# An attack is named by its experiment, which sets goal and time limit: `comparison` (Table 1) or
# `robustness` (Tables 2 and 3).
# The source of a robust victim's examples is the recipe that made them, or `picks`.
ADVERSARIAL = {entry.source: entry for entry in CONFIG.adversarial_training}
ROBUST = {
    f"robust-{source}-{size}": source
    for source, entry in ADVERSARIAL.items()
    for size in entry.sizes
}
WORD_LEVEL = [
    recipe
    for recipe in CONFIG.attacks.recipes
    if Need.MASKED_LM in find_recipe(recipe).needs
]
READY = {name: victim.path for name, victim in CONFIG.victims.items() if victim.path}


wildcard_constraints:
    victim="full|small|robust-[a-z0-9-]+",
    recipe=rf"(?!{PICKS}\b)[a-z0-9-]+",
    source="[a-z0-9-]+",
    experiment="comparison|robustness",
    shard=r"\d+",
    wave=r"\d+",
    size=r"\d+",


def check_backends():
    """Stop before any work where a backend is not there or does not answer.

    Jobs plan again, on a cluster each on its node; by then it has been asked.
    """
    if not workflow.is_main_process:
        return
    from seqattack.pipeline.doctor import State, diagnose_backends

    missing = [
        finding
        for finding in diagnose_backends(CONFIG)
        if finding.state is State.MISSING
        # It is in an environment of its own.
        and not (USES_CONDA and finding.subject == "TensorFlow")
    ]
    if missing:
        raise WorkflowError(*(f"{each.subject}: {each.detail}" for each in missing))


def memory(kind):
    """Return the megabytes of a kind of job, more with each attempt."""
    return lambda wildcards, attempt: MEMORY[kind] * attempt


def experiment(name, recipe):
    """Return the config that sets goal and timeout of an experiment's attack."""
    if name == "comparison":
        return CONFIG.attacks
    return next(entry for entry in ADVERSARIAL.values() if entry.recipe == recipe)


def attacks():
    """Return every attack of the run as (experiment, victim, recipe)."""
    compared = [
        ("comparison", CONFIG.attacks.victim, recipe)
        for recipe in CONFIG.attacks.recipes
    ]
    robust = [
        ("robustness", victim, entry.recipe)
        for source, entry in ADVERSARIAL.items()
        for victim in robust_victims(source).values()
    ]
    return compared + list(dict.fromkeys(robust))


def model(victim):
    """Return the folder of a victim's model."""
    return READY.get(victim) or RESULTS / "models" / victim


def shards(count, size):
    """Return the numbers of the fixed-size shards of `count` sentences."""
    return range(-(-count // size))


def as_option(name, value):
    """Return a command-line option; `none` stands for an empty value."""
    return f"--{name} {shlex.quote('none' if value is None else str(value))}"


def pretrained_options():
    """Return the options that name the pretrained model."""
    spec = CONFIG.pretrained
    if "embedded" in spec:
        return {"pretrained": "embedded"}
    named = {"pretrained": spec.get("path") or spec["name"]}
    return named | ({"revision": spec["revision"]} if "revision" in spec else {})


def training_options():
    """Return how victims are fine-tuned."""
    settings = CONFIG.training
    names = (
        "epochs",
        "learning_rate",
        "batch_size",
        "precision",
        "warmup_ratio",
        "weight_decay",
    )
    options = {name.replace("_", "-"): getattr(settings, name) for name in names}
    return options | {"seed": CONFIG.seed, "device": CONFIG.device}


def victim_options():
    """Return the options that every command that uses a victim takes."""
    options = {"device": CONFIG.device, "precision": CONFIG.precision}
    return " ".join(as_option(name, value) for name, value in options.items())


def masked_lm(recipe):
    """Return the masked LM of a recipe: its entry in the config, and what the entry says."""
    entry = CONFIG.masked_lm_entry(recipe)
    return entry, CONFIG.masked_lm[entry]


def masked_lm_path(recipe):
    """Return the folder of a recipe's masked LM; None for one on the hub."""
    entry, spec = masked_lm(recipe)
    if "embedded" in spec:
        return RESULTS / "models" / f"masked-lm-{entry}"
    return spec.get("path")


def paraphraser_path():
    """Return the folder of the SCPN."""
    return CONFIG.scpn.get("path") or RESULTS / "models" / "scpn"


def attack_needs(recipe):
    """Return the files that a recipe needs besides victim and sentences."""
    needs = find_recipe(recipe).needs
    files = [masked_lm_path(recipe)] if Need.MASKED_LM in needs else []
    files += [RESULTS / "corpus" / "train.jsonl"] if Need.ENTITIES in needs else []
    files += [paraphraser_path()] if Need.PARAPHRASER in needs else []
    files += (
        [RESULTS / "backends" / "similarity.json"] if Need.SIMILARITY in needs else []
    )
    return [file for file in files if file]


def need_options(recipe):
    """Return the command-line options for what a recipe needs."""
    needs = find_recipe(recipe).needs
    options = {}
    if Need.MASKED_LM in needs:
        spec = masked_lm(recipe)[1]
        options["masked-lm"] = masked_lm_path(recipe) or spec["name"]
        if "revision" in spec:
            options["masked-lm-revision"] = spec["revision"]
    if Need.SIMILARITY in needs:
        names = {name: f"similarity-{name}" for name in CONFIG.similarity}
        names["backend"] = "similarity"
        options |= {names[name]: value for name, value in CONFIG.similarity.items()}
    if Need.ENTITIES in needs:
        options["entities"] = RESULTS / "corpus" / "train.jsonl"
    if Need.PARAPHRASER in needs:
        options["paraphraser"] = paraphraser_path()
        options["parser"] = CONFIG.scpn.get("parser", "shallow")
    return options


def attack_options(name, recipe):
    """Return the command-line options of an experiment's attack."""
    options = {
        "recipe": recipe,
        "goal": experiment(name, recipe).goal,
        "timeout": experiment(name, recipe).timeout,
        "seed": CONFIG.seed,
        "query-budget": CONFIG.attack.query_budget,
        "max-mispredicted": CONFIG.attack.max_mispredicted,
        "max-pieces": CONFIG.attack.max_pieces,
        "in-flight": CONFIG.attack.in_flight,
    } | need_options(recipe)
    text = " ".join(as_option(key, value) for key, value in options.items())
    text += " --ascii-only" * CONFIG.attack.ascii_only
    text += " --refuse-negations" * CONFIG.attack.refuse_negations
    return f"{text} {victim_options()}"


AUGMENTATION = RESULTS / "augmentation" / "{recipe}"


def augmentation_shards(recipe, stop):
    """Return the first `stop` shards of the attack on the training set."""
    return [
        str(AUGMENTATION / f"shard-{n}.jsonl").format(recipe=recipe)
        for n in range(stop)
    ]


def wave(recipe, number):
    """Return what a finished wave found; Snakemake waits for it here."""
    output = checkpoints.augmentation_wave.get(recipe=recipe, wave=number).output[0]
    return read_json(output)


def shards_of_wave(wildcards):
    """Return the shards that a wave counts: the first wave's are planned from the order's length."""
    if int(wildcards.wave) == 0:
        order = checkpoints.augmentation_order.get(recipe=wildcards.recipe).output.plan
        return augmentation_shards(
            wildcards.recipe,
            read_json(order)["first_wave"],
        )
    before = wave(wildcards.recipe, int(wildcards.wave) - 1)
    return augmentation_shards(wildcards.recipe, before["next_shards"])


def last_wave(wildcards):
    """Return the number of the wave that found enough."""
    number = 0
    while not wave(wildcards.recipe, number)["is_last"]:
        number += 1
    return number


def waves(wildcards):
    """Return what all waves found, as files: they run again when their shards do."""
    return [
        str(AUGMENTATION / f"wave-{number}.json").format(recipe=wildcards.recipe)
        for number in range(last_wave(wildcards) + 1)
    ]


def shards_of_last_wave(wildcards):
    """Return all shards that were needed for the examples."""
    count = wave(wildcards.recipe, last_wave(wildcards))["shards"]
    return augmentation_shards(wildcards.recipe, count)


def attack_folder(name, victim, recipe):
    """Return the folder of an attack's records and scores."""
    return RESULTS / "attacks" / name / victim / recipe


def scores():
    """Return the records and scores of every attack of the run."""
    names = ("summary.json", "scored.jsonl", "records.jsonl")
    return [attack_folder(*attack) / name for attack in attacks() for name in names]


def robust_victims(source):
    """Return the victims of a robustness table by number of examples, the undefended one last."""
    sizes = ADVERSARIAL[source].sizes
    return {str(size): f"robust-{source}-{size}" for size in sizes} | {
        BASELINE: "small"
    }


def robust_attacks(source):
    """Return the folders of the attacks on these victims by number of examples."""
    recipe = ADVERSARIAL[source].recipe
    return {
        size: attack_folder("robustness", victim, recipe)
        for size, victim in robust_victims(source).items()
    }


def robustness(source):
    """Return the attacks of the tables that compare robust victims, as SOURCE/SIZE=FOLDER."""
    return [
        f"{source}/{size}={folder}" for size, folder in robust_attacks(source).items()
    ]


def standard(source):
    """Return the test metrics of robust victims, as SOURCE/SIZE=FILE."""
    return [
        f"{source}/{size}={RESULTS}/evaluation/{victim}.json"
        for size, victim in robust_victims(source).items()
    ]


# Every table of a run, and the file in captions/ that says what it assumes.
CAPTIONS = {"table1": "comparison"}
for source in ADVERSARIAL:
    CAPTIONS |= dict(zip(table_ids(source), ("robustness", "standard")))
    CAPTIONS |= {f"transfer-{source}": "transfer"}
CAPTIONS |= {"significance": "significance"} if ADVERSARIAL else {}
CAPTIONS |= {"outcomes": "outcomes", "stops": "stops", "claims": "claims"}


def shown_table(name, ending, content):
    """Return one of a table's files, which Snakemake's own report shows."""
    path = TABLES / f"{name}{ending}"
    caption = f"captions/{CAPTIONS[name]}.rst"
    labels = {"table": name, "file": content}
    return report(path, caption=caption, category="Tables", labels=labels)


def shown_tables(names):
    """Return the tables' files that Snakemake's own report shows."""
    contents = {".csv": "figures", "-long.csv": "n and intervals"}
    return [shown_table(name, *each) for name in names for each in contents.items()]


def other_tables(names):
    """Return the tables' other files."""
    return [
        TABLES / f"{name}{ending}"
        for name in names
        for ending in (".md", ".tex", ".json")
    ]
