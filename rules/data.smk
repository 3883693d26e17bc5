"""Corpus and training sets."""


rule corpus:
    """Read or generate the corpus; one file a split."""
    input:
        PLAN.artefact_files("corpus.hub"),
    output:
        train=LAYOUT.corpus("train"),
        dev=LAYOUT.corpus("dev"),
        test=LAYOUT.corpus("test"),
        statistics=LAYOUT.corpus_statistics,
    log:
        LOGS / "corpus.log",
    benchmark:
        LOGS / "corpus.benchmark.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        source=as_json(CONFIG.to_json()["corpus"]),
        contents=PLAN.contents("corpus"),
        labels=as_json(CONFIG.labels),
        library=library_hash("scripts.corpus"),
    shell:
        command(
            "scripts.corpus --source {params.source:q} "
            "--labels {params.labels:q} --train {output.train:q} --dev {output.dev:q} --test {output.test:q} "
            "--statistics {output.statistics:q}",
            fetches=True,
        )


rule training_set:
    """The training sentences of a victim without adversarial examples: all, or the first N."""
    input:
        rules.corpus.output.train,
    output:
        LAYOUT.training_set("{victim}"),
    log:
        LOGS / "training-set-{victim}.log",
    benchmark:
        LOGS / "training-set-{victim}.benchmark.tsv"
    wildcard_constraints:
        victim="|".join(CONFIG.victims),
    localrule: True
    conda:
        ENVIRONMENT
    params:
        limit=lambda wildcards: CONFIG.victims[wildcards.victim].sentences,
        library=library_hash("scripts.training_set"),
    shell:
        command(
            "scripts.training_set --sentences {input:q} --limit {params.limit} "
            "--output {output:q}",
        )
