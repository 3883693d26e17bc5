"""Victims: trained, or ready and only evaluated."""


rule train:
    """Fine-tune a victim; its metrics on the dev and test set lie in training.json."""
    input:
        train=RESULTS / "training" / "{victim}.jsonl",
        dev=rules.corpus.output.dev,
        test=rules.corpus.output.test,
    output:
        directory(RESULTS / "models" / "{victim}"),
    log:
        LOGS / "train-{victim}.log",
    benchmark:
        LOGS / "train-{victim}.benchmark.tsv"
    conda:
        ENVIRONMENT
    threads: CONFIG.training.threads
    resources:
        mem_mb=memory("train"),
        runtime=RUNTIME["train"],
        gpu=GPUS,
    params:
        pretrained=" ".join(as_option(k, v) for k, v in pretrained_options().items()),
        settings=" ".join(as_option(k, v) for k, v in training_options().items()),
        # Not the rule's own threads, which Snakemake lowers to the cores it was given: the weights
        # depend on this number.
        threads=CONFIG.training.threads,
        library=library_hash("cli.train:add_train"),
    shell:
        "python -m seqattack train --train {input.train:q} --dev {input.dev:q} --test {input.test:q} "
        "{params.pretrained} {params.settings} --threads {params.threads} --output {output:q} "
        "&> {log:q}"


rule masked_lm:
    """Train a masked LM on the training sentences; its losses lie in training.json."""
    input:
        train=rules.corpus.output.train,
        dev=rules.corpus.output.dev,
    output:
        directory(RESULTS / "models" / "masked-lm-{entry}"),
    log:
        LOGS / "masked-lm-{entry}.log",
    benchmark:
        LOGS / "masked-lm-{entry}.benchmark.tsv"
    conda:
        ENVIRONMENT
    threads: CONFIG.training.threads
    resources:
        mem_mb=memory("train"),
        runtime=RUNTIME["train"],
        gpu=GPUS,
    params:
        steps=lambda wildcards: CONFIG.masked_lm[wildcards.entry].get("steps", 1000),
        seed=CONFIG.seed,
        precision=CONFIG.training.precision,
        device=CONFIG.device,
        # As for training a victim.
        threads=CONFIG.training.threads,
        library=library_hash("cli.train:add_train_masked_lm"),
    shell:
        "python -m seqattack train-masked-lm --train {input.train:q} --dev {input.dev:q} "
        "--pretrained embedded --steps {params.steps} --seed {params.seed} "
        "--precision {params.precision} --device {params.device} --threads {params.threads} "
        "--output {output:q} &> {log:q}"


rule scpn:
    """Train a small SCPN on the training sentences; its losses lie in training.json."""
    input:
        train=rules.corpus.output.train,
        dev=rules.corpus.output.dev,
    output:
        directory(RESULTS / "models" / "scpn"),
    log:
        LOGS / "scpn.log",
    benchmark:
        LOGS / "scpn.benchmark.tsv"
    # It takes long and much waits for it.
    priority: 1
    conda:
        ENVIRONMENT
    # Its steps are too small to share.
    threads: 1
    resources:
        mem_mb=memory("train"),
        runtime=RUNTIME["train"],
        gpu=GPUS,
    params:
        steps=CONFIG.scpn.get("steps", 800),
        seed=CONFIG.seed,
        device=CONFIG.device,
        library=library_hash("cli.train:add_train_scpn"),
    shell:
        "python -m seqattack train-scpn --train {input.train:q} --dev {input.dev:q} "
        "--steps {params.steps} --seed {params.seed} --device {params.device} "
        "--threads {threads} --output {output:q} &> {log:q}"


rule test_metrics:
    """Precision, recall and F1 of a victim on the unattacked test set."""
    input:
        test=rules.corpus.output.test,
        model=lambda wildcards: model(wildcards.victim),
    output:
        RESULTS / "evaluation" / "{victim}.json",
    log:
        LOGS / "test-metrics-{victim}.log",
    benchmark:
        LOGS / "test-metrics-{victim}.benchmark.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=memory("predict"),
        runtime=RUNTIME["predict"],
        gpu=GPUS,
    params:
        # A training has measured them already.
        trained=lambda wildcards: "" if wildcards.victim in READY else "--trained",
        device=CONFIG.device,
        library=library_hash("scripts.test_metrics"),
    shell:
        "python -m scripts.test_metrics --model {input.model:q} --sentences {input.test:q} "
        "{params.trained} --device {params.device} --threads {threads} --output {output:q} "
        "2> {log:q}"
