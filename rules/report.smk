"""Tables, figures, the summary and the report."""

TARGETS = [LAYOUT.report, *PLAN.scores]
COMPARED = [PLAN.folder(attack) for attack in PLAN.of_experiment("comparison")]
COMPARED_RECORDS = {folder.path.name: folder.records for folder in COMPARED}
PUBLISHED = [PLAN.folder(attack).path for attack in PLAN.of_experiment("published")]
FIGURE1 = [
    LAYOUT.attack("comparison", CONFIG.attacks.victim, recipe).records
    for recipe in PLAN.word_level[:1]
]
FIGURE2 = [
    LAYOUT.attack("comparison", CONFIG.attacks.victim, recipe).records
    for recipe in PLAN.sentence_level[:1]
]
FIGURE3 = [PLAN.folder(attack).records for attack in PLAN.of_experiment("robustness")]
EVALUATED = [victim for victim in PLAN.victims if victim != "full"]


rule transfer:
    """Try the examples made against each victim on all of them."""
    input:
        records=lambda wildcards: [
            folder.records for folder in PLAN.robust_attacks(wildcards.source).values()
        ],
        models=lambda wildcards: PLAN.model_files(
            *PLAN.robust_victims(wildcards.source).values()
        ),
    output:
        LAYOUT.transfer("{source}"),
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
            f"{size}={folder.records}"
            for size, folder in PLAN.robust_attacks(wildcards.source).items()
        ],
        models=lambda wildcards: [
            f"{size}={PLAN.model(victim)}"
            for size, victim in PLAN.robust_victims(wildcards.source).items()
        ],
        device=CONFIG.device,
        precision=CONFIG.precision,
        library=library_hash("scripts.transfer"),
    shell:
        "python -m scripts.transfer --records {params.records:q} --models {params.models:q} "
        "--device {params.device} --precision {params.precision} --threads {threads} "
        "--output {output:q} 2> {log:q}"


rule tables:
    """Tables 1 to 5, the significance tests and the paper's claims."""
    input:
        scores=PLAN.scores,
        metrics=[LAYOUT.evaluation(victim) for victim in EVALUATED],
        transfer=[LAYOUT.transfer(source) for source in PLAN.adversarial],
        test=rules.corpus.output.test,
        left_out=rules.subset.output.left_out,
    output:
        shown=shown_tables(CAPTIONS),
        others=other_tables(CAPTIONS),
        text=LAYOUT.tables_text,
    log:
        LOGS / "tables.log",
    benchmark:
        LOGS / "tables.benchmark.tsv"
    group:
        "report"
    conda:
        ENVIRONMENT
    params:
        comparison=[folder.path for folder in COMPARED],
        published=PUBLISHED,
        robustness=PLAN.by_size(PLAN.robust_folders),
        standard=PLAN.by_size(PLAN.evaluations),
        folder=LAYOUT.tables,
        skipped=as_json(PLAN.skipped),
        seed=CONFIG.seed,
        library=library_hash("scripts.tables"),
    shell:
        "python -m scripts.tables --comparison {params.comparison:q} "
        "--published {params.published:q} "
        "--robustness {params.robustness:q} --evaluation {params.standard:q} "
        "--transfer {input.transfer:q} --seed {params.seed} --skipped {params.skipped:q} "
        "--test {input.test:q} --left-out {input.left_out:q} --tables {params.folder:q} "
        "--text {output.text:q} 2> {log:q}"


rule kde_figure:
    """Figure 4: labels score and modification rate, undefended against robust."""
    input:
        baseline=lambda wildcards: PLAN.robust_attacks(wildcards.source)[
            BASELINE
        ].scored,
        robust=lambda wildcards: next(
            iter(PLAN.robust_attacks(wildcards.source).values())
        ).scored,
    output:
        pdf=LAYOUT.figure("figure4-{source}", ".pdf"),
        png=report(
            LAYOUT.figure("figure4-{source}", ".png"),
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
        stem=lambda wildcards: LAYOUT.figure(f"figure4-{wildcards.source}"),
        size=lambda wildcards: PLAN.adversarial[wildcards.source].sizes[0],
        library=library_hash("scripts.kde_figure"),
    shell:
        "python -m scripts.kde_figure --baseline {input.baseline:q} --robust {input.robust:q} "
        "--names NERsmall 'NERsmall {params.size}' --output {params.stem:q} 2> {log:q}"


rule attack_examples:
    """Figures 5 to 9: pairs of original and adversarial example of each attack, chosen by a rule."""
    input:
        COMPARED_RECORDS.values(),
    output:
        pictures=[
            LAYOUT.figure(f"examples-{recipe}", ending)
            for recipe in COMPARED_RECORDS
            for ending in (".pdf", ".png")
        ],
        pages=[
            report(
                LAYOUT.figure(f"examples-{recipe}", ".html"),
                caption="captions/examples.rst",
                category="Figures",
                labels={"figure": "examples", "attack": recipe},
            )
            for recipe in COMPARED_RECORDS
        ],
    log:
        LOGS / "attack-examples.log",
    benchmark:
        LOGS / "attack-examples.benchmark.tsv"
    conda:
        ENVIRONMENT
    params:
        records=[f"{recipe}={path}" for recipe, path in COMPARED_RECORDS.items()],
        outputs=[
            f"{recipe}={LAYOUT.figure(f'examples-{recipe}')}"
            for recipe in COMPARED_RECORDS
        ],
        library=library_hash("scripts.attack_examples"),
    shell:
        "python -m scripts.attack_examples --records {params.records:q} "
        "--outputs {params.outputs:q} 2> {log:q}"


rule figure1:
    """Figure 1: one example of a word-level attack."""
    input:
        FIGURE1,
    output:
        multiext(str(LAYOUT.figure("figure1")), ".pdf", ".png"),
        html=report(
            LAYOUT.figure("figure1", ".html"),
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
        stem=LAYOUT.figure("figure1"),
        library=library_hash("scripts.examples_figure"),
    shell:
        "python -m scripts.examples_figure --records {input:q} --count 1 "
        "--title 'A word-level adversarial example (Figure 1)' --output {params.stem:q} 2> {log:q}"


rule figure2:
    """Figure 2: a paraphrase with its labels."""
    input:
        FIGURE2,
    output:
        multiext(str(LAYOUT.figure("figure2")), ".pdf", ".png"),
        html=report(
            LAYOUT.figure("figure2", ".html"),
            caption="captions/figure2.rst",
            category="Figures",
            labels={"figure": "2", "attack": "paraphrase"},
        ),
    log:
        LOGS / "figure2.log",
    benchmark:
        LOGS / "figure2.benchmark.tsv"
    conda:
        ENVIRONMENT
    params:
        stem=LAYOUT.figure("figure2"),
        library=library_hash("scripts.examples_figure"),
    shell:
        "python -m scripts.examples_figure --records {input:q} --count 1 --labels "
        "--title 'A paraphrase with its labels (Figure 2)' --output {params.stem:q} 2> {log:q}"


rule figure3:
    """Figure 3: an example that only one of the two goal functions counts as a success."""
    input:
        FIGURE3,
    output:
        multiext(str(LAYOUT.figure("figure3")), ".pdf", ".png"),
        html=report(
            LAYOUT.figure("figure3", ".html"),
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
        stem=LAYOUT.figure("figure3"),
        library=library_hash("scripts.examples_figure"),
    shell:
        "python -m scripts.examples_figure --records {input:q} --count 1 --only-flips "
        "--title 'The two goal functions (Figure 3)' --output {params.stem:q} 2> {log:q}"


rule summary:
    """All tables as text, where everything lies, and what made it."""
    input:
        text=rules.tables.output.text,
        figures=PLAN.figures,
        models=PLAN.model_files(*PLAN.victims),
    output:
        summary=LAYOUT.summary,
        provenance=LAYOUT.provenance,
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
                "report": LAYOUT.report,
                "corpus": LAYOUT.corpus("train").parent,
                "models": LAYOUT.models,
                "attacks": LAYOUT.attacks,
                "tables": LAYOUT.tables,
            }.items()
        ],
        models=[f"{victim}={PLAN.model(victim)}" for victim in PLAN.victims],
        config=as_json(GIVEN),
        library=library_hash("scripts.summary"),
    shell:
        "python -m scripts.summary --tables {input.text:q} --figures {input.figures:q} "
        "--folders {params.folders:q} --models {params.models:q} --config {params.config:q} "
        "--provenance {output.provenance:q} --summary {output.summary:q} 2> {log:q}"


rule report:
    """One page with all of it, and the configuration with every default filled in."""
    input:
        tables=[
            LAYOUT.table(name, ".json")
            for name in sorted(CAPTIONS, key=lambda name: name != "claims")
        ],
        scores=rules.tables.input.scores,
        metrics=rules.tables.input.metrics,
        added=[LAYOUT.augmentation(source).examples for source in PLAN.adversarial],
        subset=rules.subset.output.sentences,
        figure1=FIGURE1,
        figure2=FIGURE2,
        figure3=FIGURE3,
        figure4=[
            LAYOUT.figure(f"figure4-{source}", ".png") for source in PLAN.adversarial
        ],
        provenance=rules.summary.output.provenance,
    output:
        config=LAYOUT.config,
        page=report(
            LAYOUT.report,
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
        published=rules.tables.params.published,
        robustness=rules.tables.params.robustness,
        standard=rules.tables.params.standard,
        added=[
            f"{source}={LAYOUT.augmentation(source).examples}"
            for source in PLAN.adversarial
        ],
        figure4=[
            f"{source}={LAYOUT.figure(f'figure4-{source}', '.png')}"
            for source in PLAN.adversarial
        ],
        config=as_json(GIVEN),
        library=library_hash("scripts.report"),
    shell:
        "python -m scripts.report --config {params.config:q} --tables {input.tables:q} "
        "--comparison {params.comparison:q} --published {params.published:q} "
        "--robustness {params.robustness:q} "
        "--evaluation {params.standard:q} --added {params.added:q} --subset {input.subset:q} "
        "--figure1 {input.figure1:q} --figure2 {input.figure2:q} --figure3 {input.figure3:q} "
        "--figure4 {params.figure4:q} "
        "--provenance {input.provenance:q} --config-file {output.config:q} "
        "--report {output.page:q} 2> {log:q}"
