"""Corpus and training sets."""


rule corpus:
    """Read or generate the corpus; one file a split."""
    output:
        train=RESULTS / "corpus" / "train.jsonl",
        dev=RESULTS / "corpus" / "dev.jsonl",
        test=RESULTS / "corpus" / "test.jsonl",
        statistics=RESULTS / "corpus" / "statistics.json",
    log:
        LOGS / "corpus.log",
    benchmark:
        LOGS / "corpus.benchmark.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        source=json.dumps(CONFIG.corpus),
        library=library_hash("scripts.corpus"),
    shell:
        "python -m scripts.corpus --source {params.source:q} --train {output.train:q} "
        "--dev {output.dev:q} --test {output.test:q} --statistics {output.statistics:q} "
        "2> {log:q}"


rule training_set:
    """The training sentences of an undefended victim: all, or the first so many."""
    input:
        rules.corpus.output.train,
    output:
        RESULTS / "training" / "{victim}.jsonl",
    log:
        LOGS / "training-set-{victim}.log",
    benchmark:
        LOGS / "training-set-{victim}.benchmark.tsv"
    wildcard_constraints:
        victim="full|small",
    localrule: True
    conda:
        ENVIRONMENT
    params:
        limit=lambda wildcards: CONFIG.victims[wildcards.victim].sentences,
        library=library_hash("scripts.training_set"),
    shell:
        "python -m scripts.training_set --sentences {input:q} --limit {params.limit} "
        "--output {output:q} 2> {log:q}"
