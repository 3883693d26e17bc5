"""Tables, figures and the summary."""

TABLES = RESULTS / "tables"
NAMES = ["table1", *(["table2", "table4", "significance"] if ADVERSARIAL else [])]
BASELINE = "baseline"


def attack_folder(name, victim, recipe):
    """Return the folder of an attack's records and scores."""
    return RESULTS / "attacks" / name / victim / recipe


def robust_victims(recipe):
    """Return the victims of a robustness table by number of examples, the undefended one last."""
    sizes = ADVERSARIAL[recipe].sizes
    return {str(size): f"robust-{recipe}-{size}" for size in sizes} | {
        BASELINE: "small"
    }


def robustness(recipe):
    """Return the options of the tables that compare robust victims."""
    victims = robust_victims(recipe)
    attacks = (
        f"{size}={attack_folder('robustness', v, recipe)}"
        for size, v in victims.items()
    )
    metrics = (f"{size}={RESULTS}/evaluation/{v}.json" for size, v in victims.items())
    return (
        f"--recipe {recipe} --robustness {' '.join(map(shlex.quote, attacks))} "
        f"--evaluation {' '.join(map(shlex.quote, metrics))}"
    )


rule tables:
    """Tables 1, 2 and 4 and the significance tests, beside the paper's figures."""
    input:
        scores=[
            attack_folder(*attack) / name
            for attack in attacks()
            for name in ("summary.json", "scored.jsonl", "records.jsonl")
        ],
        metrics=[
            RESULTS / "evaluation" / f"{victim}.json" for victim in ["small", *ROBUST]
        ],
        test=rules.corpus.output.test,
    output:
        tables=[
            TABLES / f"{name}{ending}"
            for name in NAMES
            for ending in (".csv", "-long.csv", ".md", ".tex")
        ],
        text=RESULTS / "tables.txt",
    log:
        "logs/tables.log",
    benchmark:
        "logs/tables.benchmark.tsv"
    conda:
        ENVIRONMENT
    params:
        comparison=[
            attack_folder(*attack) for attack in attacks() if attack[0] == "comparison"
        ],
        robustness=" ".join(robustness(recipe) for recipe in ADVERSARIAL),
        folder=TABLES,
        library=library_hash("report", "metrics", "paper-results.yaml"),
    shell:
        "python -m scripts.tables --comparison {params.comparison:q} {params.robustness} "
        "--test {input.test:q} --tables {params.folder:q} --text {output.text:q} 2> {log:q}"


rule kde_figure:
    """Figure 4: labels score and modification rate, undefended against robust."""
    input:
        baseline=attack_folder("robustness", "small", "{recipe}") / "scored.jsonl",
        robust=lambda wildcards: attack_folder(
            "robustness",
            f"robust-{wildcards.recipe}-{ADVERSARIAL[wildcards.recipe].sizes[0]}",
            wildcards.recipe,
        )
        / "scored.jsonl",
    output:
        multiext(f"{FIGURES}/figure4-{{recipe}}", ".pdf", ".png"),
    log:
        "logs/kde-figure-{recipe}.log",
    benchmark:
        "logs/kde-figure-{recipe}.benchmark.tsv"
    conda:
        ENVIRONMENT
    params:
        stem=lambda wildcards: FIGURES / f"figure4-{wildcards.recipe}",
        size=lambda wildcards: ADVERSARIAL[wildcards.recipe].sizes[0],
        library=library_hash("report.figures"),
    shell:
        "python -m scripts.kde_figure --baseline {input.baseline:q} --robust {input.robust:q} "
        "--names NERsmall 'NERsmall {params.size}' --output {params.stem:q} 2> {log:q}"


rule summary:
    """All tables as text, where everything lies, and what made it."""
    input:
        text=rules.tables.output.text,
        figures=[f"{FIGURES}/figure4-{recipe}.png" for recipe in ADVERSARIAL],
        models=[model(victim) for victim in ["full", "small", *ROBUST]],
    output:
        summary=RESULTS / "summary.txt",
        provenance=RESULTS / "provenance.json",
    log:
        "logs/summary.log",
    benchmark:
        "logs/summary.benchmark.tsv"
    conda:
        ENVIRONMENT
    params:
        folders=[
            f"{meaning}={folder}"
            for meaning, folder in {
                "corpus": RESULTS / "corpus",
                "models": RESULTS / "models",
                "attacks": RESULTS / "attacks",
                "tables": TABLES,
            }.items()
        ],
        models=[f"{victim}={model(victim)}" for victim in ["full", "small", *ROBUST]],
        config=json.dumps(CONFIG.to_json()),
    shell:
        "python -m scripts.summary --tables {input.text:q} --figures {input.figures:q} "
        "--folders {params.folders:q} --models {params.models:q} --config {params.config:q} "
        "--provenance {output.provenance:q} --summary {output.summary:q} 2> {log:q}"
