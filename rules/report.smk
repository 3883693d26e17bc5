"""Tables, figures, the summary and the report."""

REPORTED = [LAYOUT.reported(tracker) for tracker in CONFIG.report_to]
RESULTS = [LAYOUT.victim_results(victim) for victim in PLAN.leaderboard]
TARGETS = [LAYOUT.report, *PLAN.scores, *PLAN.explained, *RESULTS, *REPORTED]
COMPARED = PLAN.compared
PUBLISHED = [PLAN.folder(attack).path for attack in PLAN.of_experiment("published")]
DEFENDED = [
    folder.path for victim in PLAN.defended for folder in PLAN.compared_attacks(victim)
]
EXAMPLES = [path.stem for path in PLAN.figures if path.suffix == ".html"]
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
        contents=lambda wildcards: PLAN.model_contents(
            *PLAN.robust_victims(wildcards.source).values()
        ),
        device=CONFIG.device,
        precision=CONFIG.precision,
        backend=CONFIG.backend,
        library=library_hash("scripts.transfer"),
    shell:
        command(
            "scripts.transfer --records {params.records:q} --models {params.models:q} "
            "--device {params.device} --precision {params.precision} --backend {params.backend} "
            "--threads {threads} --output {output:q}",
        )


rule clean_counts:
    """How many entities of each unattacked test sentence a victim of the table of defences finds."""
    input:
        test=rules.corpus.output.test,
        model=lambda wildcards: PLAN.model_files(wildcards.victim),
    output:
        LAYOUT.clean_counts("{victim}"),
    log:
        LOGS / "clean-counts-{victim}.log",
    benchmark:
        LOGS / "clean-counts-{victim}.benchmark.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=memory("predict"),
        runtime=RUNTIME["predict"],
        gpu=GPUS,
    params:
        victim=lambda wildcards: PLAN.model(wildcards.victim),
        contents=lambda wildcards: PLAN.model_contents(wildcards.victim),
        device=CONFIG.device,
        library=library_hash("scripts.clean_counts"),
    shell:
        command(
            "scripts.clean_counts --model {params.victim:q} --sentences {input.test:q} "
            "--device {params.device} --threads {threads} --output {output:q}",
        )


rule certainty:
    """Calibration and conformal coverage of a victim before and under each attack."""
    input:
        records=lambda wildcards: [
            folder.records for folder in PLAN.attacks_on(wildcards.victim).values()
        ],
        model=lambda wildcards: PLAN.model_files(wildcards.victim),
        dev=rules.corpus.output.dev,
        test=rules.corpus.output.test,
    output:
        multiext(
            str(LAYOUT.figure("certainty-{victim}")), ".pdf", ".svg", ".tex", ".txt"
        ),
        found=LAYOUT.certainty("{victim}"),
        dark=LAYOUT.figure("certainty-{victim}-dark", ".svg"),
        png=report(
            LAYOUT.figure("certainty-{victim}", ".png"),
            caption="captions/certainty.rst",
            category="Figures",
            labels={"figure": "certainty", "victim": "{victim}"},
        ),
    log:
        LOGS / "certainty-{victim}.log",
    benchmark:
        LOGS / "certainty-{victim}.benchmark.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=memory("predict"),
        runtime=RUNTIME["predict"],
        gpu=GPUS,
    params:
        records=lambda wildcards: [
            f"{recipe}={folder.records}"
            for recipe, folder in PLAN.attacks_on(wildcards.victim).items()
        ],
        victim=lambda wildcards: PLAN.model(wildcards.victim),
        contents=lambda wildcards: PLAN.model_contents(wildcards.victim),
        stem=lambda wildcards: LAYOUT.figure(f"certainty-{wildcards.victim}"),
        promised=CONFIG.certainty,
        seed=CONFIG.seed,
        device=CONFIG.device,
        precision=CONFIG.precision,
        backend=CONFIG.backend,
        library=library_hash("scripts.certainty"),
    shell:
        command(
            "scripts.certainty --model {params.victim:q} --name {wildcards.victim} "
            "--calibration {input.dev:q} --test {input.test:q} --records {params.records:q} "
            "--promised {params.promised} --seed {params.seed} --device {params.device} "
            "--precision {params.precision} --backend {params.backend} --threads {threads} "
            "--output {output.found:q} --figure {params.stem:q}",
        )


rule noise:
    """Precision, recall and F1 of a victim on the test set before and after noise."""
    input:
        test=rules.corpus.output.test,
        model=lambda wildcards: PLAN.model_files(wildcards.victim),
    output:
        LAYOUT.noise("{victim}"),
    log:
        LOGS / "noise-{victim}.log",
    benchmark:
        LOGS / "noise-{victim}.benchmark.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=memory("predict"),
        runtime=RUNTIME["predict"],
        gpu=GPUS,
    params:
        victim=lambda wildcards: PLAN.model(wildcards.victim),
        contents=lambda wildcards: PLAN.model_contents(wildcards.victim),
        suites=CONFIG.noise.suites,
        rates=CONFIG.noise.rates,
        where=CONFIG.noise.where,
        draws=CONFIG.noise.draws,
        seed=CONFIG.noise_seed,
        device=CONFIG.device,
        precision=CONFIG.precision,
        library=library_hash("scripts.noise"),
    shell:
        command(
            "scripts.noise --model {params.victim:q} --name {wildcards.victim} "
            "--test {input.test:q} --suites {params.suites:q} --rates {params.rates} "
            "--where {params.where} --draws {params.draws} --seed {params.seed} "
            "--device {params.device} --precision {params.precision} --threads {threads} "
            "--output {output:q}",
        )


rule victim_results:
    """How a victim stands up to its attacks, as a file that leaderboards are merged from."""
    input:
        attacks=lambda wildcards: [
            path
            for folder in PLAN.compared_attacks(wildcards.victim)
            for path in (folder.records, folder.summary)
        ],
        clean=LAYOUT.evaluation("{victim}"),
        model=lambda wildcards: PLAN.model_files(wildcards.victim),
    output:
        LAYOUT.victim_results("{victim}"),
    log:
        LOGS / "victim-results-{victim}.log",
    benchmark:
        LOGS / "victim-results-{victim}.benchmark.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        victim=lambda wildcards: PLAN.model(wildcards.victim),
        attacks=lambda wildcards: [
            folder.path for folder in PLAN.compared_attacks(wildcards.victim)
        ],
        settings=lambda wildcards: as_json(
            {
                recipe: PLAN.job("comparison", recipe).settings.to_json()
                for recipe in CONFIG.attacks.recipes
            }
        ),
        contents=lambda wildcards: PLAN.model_contents(wildcards.victim),
        code=library_hash("cli.attack:add_attack"),
        library=library_hash("scripts.victim_results"),
    shell:
        command(
            "scripts.victim_results --name {wildcards.victim} --model {params.victim:q} "
            "--attacks {params.attacks:q} --settings {params.settings:q} --clean {input.clean:q} "
            "--code {params.code} --output {output:q}",
        )


rule tables:
    """Tables 1 to 5, the significance tests and the paper's claims."""
    input:
        scores=PLAN.scores,
        metrics=[LAYOUT.evaluation(victim) for victim in EVALUATED],
        transfer=[LAYOUT.transfer(source) for source in PLAN.adversarial],
        certainty=[LAYOUT.certainty(victim) for victim in PLAN.certain],
        noise=[LAYOUT.noise(victim) for victim in PLAN.with_noise],
        leaderboard=RESULTS if PLAN.has_leaderboard else [],
        clean=[LAYOUT.clean_counts(victim) for victim in PLAN.defended],
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
        defences=list(map(str, PLAN.defences)),
        defended=[f"{path.parent.name}/{path.name}={path}" for path in DEFENDED],
        clean=[f"{victim}={LAYOUT.clean_counts(victim)}" for victim in PLAN.defended],
        folder=LAYOUT.tables,
        skipped=as_json(PLAN.skipped),
        seed=CONFIG.seed,
        library=library_hash("scripts.tables"),
    shell:
        command(
            "scripts.tables --comparison {params.comparison:q} "
            "--published {params.published:q} "
            "--robustness {params.robustness:q} --evaluation {params.standard:q} "
            "--transfer {input.transfer:q} --certainty {input.certainty:q} "
            "--defences {params.defences:q} --defended {params.defended:q} --clean {params.clean:q} "
            "--noise {input.noise:q} --leaderboard {input.leaderboard:q} --seed {params.seed} --skipped {params.skipped:q} "
            "--test {input.test:q} --left-out {input.left_out:q} --tables {params.folder:q} "
            "--text {output.text:q}",
        )


rule figure4:
    """Labels score and modification rate, undefended against robust."""
    input:
        lambda wildcards: [
            path
            for folder in figure_4(wildcards.source)
            for path in (folder.scored, folder.summary)
        ],
    output:
        multiext(str(LAYOUT.figure("figure4-{source}")), ".pdf", ".svg", ".tex", ".txt"),
        multiext(
            str(LAYOUT.figure("figure4-{source}-column")),
            ".pdf",
            ".svg",
            ".tex",
            ".txt",
        ),
        dark=LAYOUT.figure("figure4-{source}-dark", ".svg"),
        png=report(
            LAYOUT.figure("figure4-{source}", ".png"),
            caption="captions/figure4.rst",
            category="Figures",
            labels={"figure": "4", "training": "{source}"},
        ),
    log:
        LOGS / "figure4-{source}.log",
    benchmark:
        LOGS / "figure4-{source}.benchmark.tsv"
    wildcard_constraints:
        source="|".join(map(re.escape, PLAN.adversarial)),
    conda:
        ENVIRONMENT
    params:
        folders=lambda wildcards: [folder.path for folder in figure_4(wildcards.source)],
        stem=lambda wildcards: LAYOUT.figure(f"figure4-{wildcards.source}"),
        size=lambda wildcards: PLAN.adversarial[wildcards.source].sizes[0],
        budget=CONFIG.attack.query_budget,
        seed=CONFIG.seed,
        library=library_hash("scripts.figure4"),
    shell:
        command(
            "scripts.figure4 --baseline {params.folders[0]:q} --robust {params.folders[1]:q} "
            "--size {params.size} --budget {params.budget} --seed {params.seed} "
            "--output {params.stem:q}",
        )


rule example_figures:
    """Figures 1 to 3 and 5 to 9: pairs of original and adversarial example, chosen by a rule."""
    input:
        attacks=[
            path
            for folder in (*COMPARED, *PLAN.tried)
            for path in (folder.records, folder.summary)
        ],
        statistics=rules.corpus.output.statistics,
    output:
        drawn=[
            LAYOUT.figure(name, ending)
            for name in EXAMPLES
            for ending in (".pdf", ".svg", ".png", ".tex", ".txt")
        ],
        shown=[example_page(name) for name in EXAMPLES],
    log:
        LOGS / "example-figures.log",
    benchmark:
        LOGS / "example-figures.benchmark.tsv"
    conda:
        ENVIRONMENT
    params:
        comparison=[folder.path for folder in COMPARED],
        robustness=[folder.path for folder in PLAN.tried],
        levels=example_levels(),
        budget=CONFIG.attack.query_budget,
        folder=LAYOUT.figures,
        library=library_hash("scripts.example_figures"),
    shell:
        command(
            "scripts.example_figures --comparison {params.comparison:q} "
            "--robustness {params.robustness:q} {params.levels:q} --budget {params.budget} "
            "--statistics {input.statistics:q} --output {params.folder:q}",
        )


rule summary:
    """All tables as text, and where everything lies."""
    input:
        text=rules.tables.output.text,
        figures=PLAN.figures,
    output:
        LAYOUT.summary,
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
                "provenance": LAYOUT.provenance,
            }.items()
        ],
        library=library_hash("scripts.summary"),
    shell:
        command(
            "scripts.summary --tables {input.text:q} --figures {input.figures:q} "
            "--folders {params.folders:q} --summary {output:q}",
        )


rule report:
    """One page with all of it, what made it, and the configuration with every default filled in."""
    input:
        tables=[
            LAYOUT.table(name, ".json")
            for name in sorted(CAPTIONS, key=lambda name: name != "claims")
        ],
        scores=rules.tables.input.scores,
        metrics=rules.tables.input.metrics,
        explained=PLAN.explained,
        added=[LAYOUT.augmentation(origin).examples for origin in PLAN.origins],
        subset=rules.subset.output.sentences,
        statistics=rules.corpus.output.statistics,
        figure4=[
            LAYOUT.figure(f"figure4-{source}{ending}")
            for source in PLAN.adversarial
            for ending in (".svg", "-dark.svg", ".txt")
        ],
        certainty=[
            LAYOUT.figure(f"certainty-{victim}{ending}")
            for victim in PLAN.certain
            for ending in (".svg", "-dark.svg", ".txt")
        ],
        noise=rules.tables.input.noise,
        test=rules.corpus.output.test,
        summary=rules.summary.output,
        ranked=RESULTS,
        models=PLAN.model_files(*PLAN.victims),
    output:
        provenance=LAYOUT.provenance,
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
            f"{source}/{origin}={path}"
            for source in PLAN.adversarial
            for origin, path in PLAN.added(source).items()
        ],
        defences=[path for path in DEFENDED if path not in {f.path for f in COMPARED}],
        figure4=[
            f"{source}={LAYOUT.figure(f'figure4-{source}')}"
            for source in PLAN.adversarial
        ],
        certainty=[
            f"{victim}={LAYOUT.figure(f'certainty-{victim}')}"
            for victim in PLAN.certain
        ],
        levels=example_levels(),
        models=[f"{victim}={PLAN.model(victim)}" for victim in PLAN.victims],
        contents=PLAN.model_contents(*PLAN.victims),
        config=as_json(GIVEN),
        library=library_hash("scripts.report"),
    shell:
        command(
            "scripts.report --config {params.config:q} --tables {input.tables:q} "
            "--comparison {params.comparison:q} --published {params.published:q} "
            "--robustness {params.robustness:q} --defences {params.defences:q} "
            "--evaluation {params.standard:q} --added {params.added:q} --subset {input.subset:q} "
            "--statistics {input.statistics:q} {params.levels:q} --figure4 {params.figure4:q} "
            "--certainty {params.certainty:q} --noise {input.noise:q} --test {input.test:q} "
            "--models {params.models:q} --parts {input.summary:q} {input.ranked:q} {input.explained:q} "
            "{input.added:q} "
            "--provenance {output.provenance:q} --config-file {output.config:q} "
            "--report {output.page:q}",
        )


rule report_to:
    """Give the finished run to an experiment tracker."""
    input:
        report=rules.report.output,
        tables=rules.report.input.tables,
        text=rules.tables.output.text,
        summary=rules.summary.output,
    output:
        LAYOUT.reported("{tracker}"),
    log:
        LOGS / "report-to-{tracker}.log",
    benchmark:
        LOGS / "report-to-{tracker}.benchmark.tsv"
    # The nodes of a cluster often have no network.
    localrule: True
    conda:
        ENVIRONMENT
    params:
        results=LAYOUT.results,
        library=library_hash("cli.report_to:add_report_to"),
    shell:
        command(
            "seqattack report-to {wildcards.tracker} {params.results:q} --output {output:q}",
        )


rule card:
    """The card of a trained victim, with its attacks; the victim's folder gets a copy."""
    input:
        records=lambda wildcards: [
            folder.records for folder in PLAN.attacks_on(wildcards.victim).values()
        ],
        model=lambda wildcards: PLAN.model_files(wildcards.victim),
    output:
        LAYOUT.card("{victim}"),
    log:
        LOGS / "card-{victim}.log",
    benchmark:
        LOGS / "card-{victim}.benchmark.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        victim=lambda wildcards: LAYOUT.model(wildcards.victim),
        beside=lambda wildcards: LAYOUT.model(wildcards.victim) / CARD,
        facts=lambda wildcards: [
            f"--{name}={value}"
            for name, value in PLAN.card_facts(wildcards.victim).items()
        ],
        library=library_hash("cli.card:add_card"),
    shell:
        command(
            "seqattack card --model {params.victim:q} --records {input.records:q} "
            "{params.facts:q} --device cpu --threads 1 --overwrite --output {output:q} "
            "{params.beside:q}",
        )
