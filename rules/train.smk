"""Victims: trained, or ready and only evaluated."""


rule train:
    """Fine-tune a victim; its metrics on the dev and test set lie in training.json."""
    input:
        train=LAYOUT.training_set("{victim}"),
        dev=rules.corpus.output.dev,
        test=rules.corpus.output.test,
        start=lambda wildcards: PLAN.training_files(wildcards.victim),
    output:
        directory(LAYOUT.model("{victim}")),
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
        job=lambda wildcards: as_json(PLAN.training(wildcards.victim)),
        contents=lambda wildcards: PLAN.training_contents(wildcards.victim),
        # Not the rule's own threads, which Snakemake lowers to the cores it was given: the weights
        # depend on this number.
        threads=CONFIG.training.threads,
        library=library_hash("cli.train:add_train"),
    shell:
        command(
            "seqattack train --train {input.train:q} --dev {input.dev:q} --test {input.test:q} "
            "--job {params.job:q} --threads {params.threads} --output {output:q}",
        )


rule masked_lm:
    """Train a masked LM on the training sentences; its losses lie in training.json."""
    input:
        train=rules.corpus.output.train,
        dev=rules.corpus.output.dev,
    output:
        directory(LAYOUT.masked_lm("{entry}")),
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
        job=lambda wildcards: as_json(PLAN.masked_lm_training(wildcards.entry)),
        # As for training a victim.
        threads=CONFIG.training.threads,
        library=library_hash("cli.train:add_train_masked_lm"),
    shell:
        command(
            "seqattack train-masked-lm --train {input.train:q} --dev {input.dev:q} "
            "--job {params.job:q} --threads {params.threads} --output {output:q}",
        )


rule scpn:
    """Train a small SCPN on the training sentences; its losses lie in training.json."""
    input:
        train=rules.corpus.output.train,
        dev=rules.corpus.output.dev,
    output:
        directory(LAYOUT.scpn),
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
        job=as_json(PLAN.scpn_training),
        library=library_hash("cli.train:add_train_scpn"),
    shell:
        command(
            "seqattack train-scpn --train {input.train:q} --dev {input.dev:q} "
            "--job {params.job:q} --threads {threads} --output {output:q}",
        )


rule test_metrics:
    """Precision, recall and F1 of a victim on the unattacked test set."""
    input:
        test=rules.corpus.output.test,
        model=lambda wildcards: PLAN.model_files(wildcards.victim),
    output:
        LAYOUT.evaluation("{victim}"),
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
        victim=lambda wildcards: PLAN.model(wildcards.victim),
        contents=lambda wildcards: PLAN.model_contents(wildcards.victim),
        # A training has measured them already.
        trained=lambda wildcards: "" if wildcards.victim in PLAN.ready else "--trained",
        device=CONFIG.device,
        library=library_hash("scripts.test_metrics"),
    shell:
        command(
            "scripts.test_metrics --model {params.victim:q} --sentences {input.test:q} "
            "{params.trained} --device {params.device} --threads {threads} --output {output:q}",
        )
