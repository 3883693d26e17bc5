"""Tables, figures, the summary and the report."""

TARGETS = [RESULTS / "report.html", *scores()]


rule transfer:
    """Try the examples made against each victim on all of them."""
    input:
        records=lambda wildcards: [
            folder / "records.jsonl"
            for folder in robust_attacks(wildcards.source).values()
        ],
        models=lambda wildcards: [
            model(victim) for victim in robust_victims(wildcards.source).values()
        ],
    output:
        RESULTS / "transfer" / "{source}.json",
    log:
        LOGS / "transfer-{source}.log",
    benchmark:
        LOGS / "transfer-{source}.benchmark.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=memory("predict"),
        runtime=RUNTIME["predict"],
        gpu=GPUS,
    params:
        records=lambda wildcards: [
            f"{size}={folder}/records.jsonl"
            for size, folder in robust_attacks(wildcards.source).items()
        ],
        models=lambda wildcards: [
            f"{size}={model(victim)}"
            for size, victim in robust_victims(wildcards.source).items()
        ],
        options=victim_options(),
        library=library_hash("scripts.transfer"),
    shell:
        "python -m scripts.transfer --records {params.records:q} --models {params.models:q} "
        "{params.options} --threads {threads} --output {output:q} 2> {log:q}"


rule tables:
    """Tables 1 to 5, the significance tests and the paper's claims."""
    input:
        scores=scores(),
        metrics=[
            RESULTS / "evaluation" / f"{victim}.json" for victim in ["small", *ROBUST]
        ],
        transfer=[RESULTS / "transfer" / f"{source}.json" for source in ADVERSARIAL],
        test=rules.corpus.output.test,
    output:
        shown=shown_tables(CAPTIONS),
        others=other_tables(CAPTIONS),
        text=RESULTS / "tables.txt",
    log:
        LOGS / "tables.log",
    benchmark:
        LOGS / "tables.benchmark.tsv"
    group:
        "report"
    conda:
        ENVIRONMENT
    params:
        comparison=[
            attack_folder(*attack) for attack in attacks() if attack[0] == "comparison"
        ],
        robustness=[each for source in ADVERSARIAL for each in robustness(source)],
        standard=[each for source in ADVERSARIAL for each in standard(source)],
        folder=TABLES,
        library=library_hash("scripts.tables"),
    shell:
        "python -m scripts.tables --comparison {params.comparison:q} "
        "--robustness {params.robustness:q} --evaluation {params.standard:q} "
        "--transfer {input.transfer:q} "
        "--test {input.test:q} --tables {params.folder:q} --text {output.text:q} 2> {log:q}"


rule kde_figure:
    """Figure 4: labels score and modification rate, undefended against robust."""
    input:
        baseline=lambda wildcards: robust_attacks(wildcards.source)[BASELINE]
        / "scored.jsonl",
        robust=lambda wildcards: next(iter(robust_attacks(wildcards.source).values()))
        / "scored.jsonl",
    output:
        pdf=f"{FIGURES}/figure4-{{source}}.pdf",
        png=report(
            f"{FIGURES}/figure4-{{source}}.png",
            caption="captions/figure4.rst",
            category="Figures",
            labels={"figure": "4", "training": "{source}"},
        ),
    log:
        LOGS / "kde-figure-{source}.log",
    benchmark:
        LOGS / "kde-figure-{source}.benchmark.tsv"
    conda:
        ENVIRONMENT
    params:
        stem=lambda wildcards: FIGURES / f"figure4-{wildcards.source}",
        size=lambda wildcards: ADVERSARIAL[wildcards.source].sizes[0],
        library=library_hash("scripts.kde_figure"),
    shell:
        "python -m scripts.kde_figure --baseline {input.baseline:q} --robust {input.robust:q} "
        "--names NERsmall 'NERsmall {params.size}' --output {params.stem:q} 2> {log:q}"


rule examples_figure:
    """Figures 5 to 9: pairs of original and adversarial example, chosen by a rule."""
    input:
        attack_folder("comparison", CONFIG.attacks.victim, "{recipe}") / "records.jsonl",
    output:
        multiext(f"{FIGURES}/examples-{{recipe}}", ".pdf", ".png"),
        html=report(
            f"{FIGURES}/examples-{{recipe}}.html",
            caption="captions/examples.rst",
            category="Figures",
            labels={"figure": "examples", "attack": "{recipe}"},
        ),
    log:
        LOGS / "examples-figure-{recipe}.log",
    benchmark:
        LOGS / "examples-figure-{recipe}.benchmark.tsv"
    conda:
        ENVIRONMENT
    params:
        stem=lambda wildcards: FIGURES / f"examples-{wildcards.recipe}",
        library=library_hash("scripts.examples_figure"),
    shell:
        "python -m scripts.examples_figure --records {input:q} --recipe {wildcards.recipe} "
        "--output {params.stem:q} 2> {log:q}"


rule figure1:
    """Figure 1: one example of a word-level attack."""
    input:
        [
            attack_folder("comparison", CONFIG.attacks.victim, recipe)
            / "records.jsonl"
            for recipe in WORD_LEVEL[:1]
        ],
    output:
        multiext(f"{FIGURES}/figure1", ".pdf", ".png"),
        html=report(
            f"{FIGURES}/figure1.html",
            caption="captions/examples.rst",
            category="Figures",
            labels={"figure": "1", "attack": "word level"},
        ),
    log:
        LOGS / "figure1.log",
    benchmark:
        LOGS / "figure1.benchmark.tsv"
    conda:
        ENVIRONMENT
    params:
        stem=FIGURES / "figure1",
        library=library_hash("scripts.examples_figure"),
    shell:
        "python -m scripts.examples_figure --records {input:q} --count 1 "
        "--title 'A word-level adversarial example (Figure 1)' --output {params.stem:q} 2> {log:q}"


rule figure3:
    """Figure 3: an example that only one of the two goal functions counts as a success."""
    input:
        [
            attack_folder(*attack) / "records.jsonl"
            for attack in attacks()
            if attack[0] == "robustness"
        ],
    output:
        multiext(f"{FIGURES}/figure3", ".pdf", ".png"),
        html=report(
            f"{FIGURES}/figure3.html",
            caption="captions/figure3.rst",
            category="Figures",
            labels={"figure": "3", "attack": "the two goals"},
        ),
    log:
        LOGS / "figure3.log",
    benchmark:
        LOGS / "figure3.benchmark.tsv"
    conda:
        ENVIRONMENT
    params:
        stem=FIGURES / "figure3",
        library=library_hash("scripts.examples_figure"),
    shell:
        "python -m scripts.examples_figure --records {input:q} --count 1 --only-flips "
        "--title 'The two goal functions (Figure 3)' --output {params.stem:q} 2> {log:q}"


rule summary:
    """All tables as text, where everything lies, and what made it."""
    input:
        text=rules.tables.output.text,
        figures=[
            *([f"{FIGURES}/figure1.html"] if WORD_LEVEL else []),
            *([f"{FIGURES}/figure3.html"] if ADVERSARIAL else []),
            *[f"{FIGURES}/figure4-{source}.png" for source in ADVERSARIAL],
            *[
                f"{FIGURES}/examples-{recipe}.html"
                for recipe in CONFIG.attacks.recipes
            ],
        ],
        models=[model(victim) for victim in ["full", "small", *ROBUST]],
    output:
        summary=RESULTS / "summary.txt",
        provenance=RESULTS / "provenance.json",
    log:
        LOGS / "summary.log",
    benchmark:
        LOGS / "summary.benchmark.tsv"
    group:
        "report"
    conda:
        ENVIRONMENT
    params:
        folders=[
            f"{meaning}={folder}"
            for meaning, folder in {
                "report": RESULTS / "report.html",
                "corpus": RESULTS / "corpus",
                "models": RESULTS / "models",
                "attacks": RESULTS / "attacks",
                "tables": TABLES,
            }.items()
        ],
        models=[f"{victim}={model(victim)}" for victim in ["full", "small", *ROBUST]],
        config=json.dumps(CONFIG.to_json()),
        library=library_hash("scripts.summary"),
    shell:
        "python -m scripts.summary --tables {input.text:q} --figures {input.figures:q} "
        "--folders {params.folders:q} --models {params.models:q} --config {params.config:q} "
        "--provenance {output.provenance:q} --summary {output.summary:q} 2> {log:q}"


rule report:
    """One page with all of it, and the configuration with every default filled in."""
    input:
        tables=[
            TABLES / f"{name}.json"
            for name in sorted(CAPTIONS, key=lambda name: name != "claims")
        ],
        scores=rules.tables.input.scores,
        metrics=rules.tables.input.metrics,
        added=[
            RESULTS / "augmentation" / source / "examples.jsonl"
            for source in ADVERSARIAL
        ],
        subset=rules.subset.output,
        figure1=rules.figure1.input,
        figure3=rules.figure3.input,
        figure4=[f"{FIGURES}/figure4-{source}.png" for source in ADVERSARIAL],
        provenance=rules.summary.output.provenance,
    output:
        config=RESULTS / "config.yaml",
        page=report(
            RESULTS / "report.html",
            caption="captions/report.rst",
            category="Report",
            labels={"file": "the whole run"},
        ),
    log:
        LOGS / "report.log",
    benchmark:
        LOGS / "report.benchmark.tsv"
    group:
        "report"
    conda:
        ENVIRONMENT
    params:
        comparison=rules.tables.params.comparison,
        robustness=rules.tables.params.robustness,
        standard=rules.tables.params.standard,
        added=[
            f"{source}={RESULTS}/augmentation/{source}/examples.jsonl"
            for source in ADVERSARIAL
        ],
        figure4=[f"{source}={FIGURES}/figure4-{source}.png" for source in ADVERSARIAL],
        config=json.dumps(CONFIG.to_json()),
        library=library_hash("scripts.report"),
    shell:
        "python -m scripts.report --config {params.config:q} --tables {input.tables:q} "
        "--comparison {params.comparison:q} --robustness {params.robustness:q} "
        "--evaluation {params.standard:q} --added {params.added:q} --subset {input.subset:q} "
        "--figure1 {input.figure1:q} --figure3 {input.figure3:q} --figure4 {params.figure4:q} "
        "--provenance {input.provenance:q} --config-file {output.config:q} "
        "--report {output.page:q} 2> {log:q}"
