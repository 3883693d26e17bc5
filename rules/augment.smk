"""Adversarial training sets: attack the small victim's training set until enough succeed."""


checkpoint augmentation_order:
    """The seeded order in which the training set is attacked."""
    input:
        LAYOUT.training_set("small"),
    output:
        order=AUGMENTATION.order,
        plan=AUGMENTATION.plan,
    log:
        LOGS / "augmentation-order-{recipe}.log",
    benchmark:
        LOGS / "augmentation-order-{recipe}.benchmark.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        wanted=lambda wildcards: PLAN.wanted(wildcards.recipe),
        shard_size=CONFIG.attack.shard_size,
        seed=CONFIG.seed,
        library=library_hash("scripts.augmentation_order"),
    shell:
        command(
            "scripts.augmentation_order --sentences {input:q} --recipe {wildcards.recipe} "
            "--seed {params.seed} --wanted {params.wanted} --shard-size {params.shard_size} "
            "--order {output.order:q} --plan {output.plan:q}",
        )


rule attack_training_shard:
    """Attack one shard of the small victim's own training set."""
    input:
        sentences=rules.augmentation_order.output.order,
        model=PLAN.model_files("small"),
        resources=lambda wildcards: PLAN.resource_files(wildcards.recipe),
    output:
        AUGMENTATION.shard("{shard}"),
    log:
        LOGS / "attack-training-{recipe}-{shard}.log",
    benchmark:
        LOGS / "attack-training-{recipe}-{shard}.benchmark.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=memory("attack"),
        runtime=RUNTIME["attack"],
        gpu=GPUS,
    params:
        victim=lambda wildcards: PLAN.model("small"),
        contents=PLAN.model_contents("small"),
        resources=lambda wildcards: PLAN.resource_contents(wildcards.recipe),
        bounds=lambda wildcards: PLAN.bounds(int(wildcards.shard)),
        job=lambda wildcards: as_json(PLAN.job("robustness", wildcards.recipe)),
        library=library_hash("cli.attack:add_attack"),
    shell:
        command(
            "seqattack attack --model {params.victim:q} --sentences {input.sentences:q} "
            "--start {params.bounds[0]} --stop {params.bounds[1]} --job {params.job:q} "
            "--threads {threads} --overwrite --output {output:q}",
        )


checkpoint augmentation_wave:
    """Count the successes so far and plan how many shards more are needed."""
    input:
        shards=shards_of_wave,
        plan=rules.augmentation_order.output.plan,
    output:
        AUGMENTATION.wave("{wave}"),
    log:
        LOGS / "augmentation-wave-{recipe}-{wave}.log",
    benchmark:
        LOGS / "augmentation-wave-{recipe}-{wave}.benchmark.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        shard_size=CONFIG.attack.shard_size,
        library=library_hash("scripts.augmentation_wave"),
    shell:
        command(
            "scripts.augmentation_wave --records {input.shards:q} --plan {input.plan:q} "
            "--shard-size {params.shard_size} --output {output:q}",
        )


rule adversarial_examples:
    """The first successes of the seeded order, as training sentences."""
    input:
        # First, since a name after inputs that only a checkpoint tells would be of another file.
        model=lambda wildcards: minimal_files(wildcards.recipe),
        waves=waves,
        shards=shards_of_last_wave,
    output:
        AUGMENTATION.examples,
    log:
        LOGS / "adversarial-examples-{recipe}.log",
    benchmark:
        LOGS / "adversarial-examples-{recipe}.benchmark.tsv"
    localrule: not IS_MINIMAL
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=memory("predict"),
        runtime=RUNTIME["predict"],
        gpu=GPUS if IS_MINIMAL else 0,
    params:
        wanted=lambda wildcards: PLAN.wanted(wildcards.recipe),
        minimal=lambda wildcards: minimal_options(wildcards.recipe),
        contents=lambda wildcards: minimal_contents(wildcards.recipe),
        library=library_hash("scripts.adversarial_examples"),
    shell:
        command(
            "scripts.adversarial_examples --records {input.shards:q} --wanted {params.wanted} "
            "{params.minimal:q} --threads {threads} --output {output:q}",
        )


rule picked_examples:
    """The accepted examples of a file of picks, as training sentences."""
    input:
        picks=PLAN.picks.picks if PLAN.picks else [],
        test=LAYOUT.corpus("test"),
        model=lambda wildcards: minimal_files(PICKS),
    output:
        LAYOUT.augmentation(PICKS).examples,
    log:
        LOGS / "picked-examples.log",
    benchmark:
        LOGS / "picked-examples.benchmark.tsv"
    localrule: not IS_MINIMAL
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=memory("predict"),
        runtime=RUNTIME["predict"],
        gpu=GPUS if IS_MINIMAL else 0,
    params:
        allow=lambda wildcards: (
            "--allow-test-sentences" if PLAN.picks.allow_test_sentences else ""
        ),
        minimal=lambda wildcards: minimal_options(PICKS),
        contents=lambda wildcards: [
            PLAN.picks_contents,
            *minimal_contents(PICKS),
        ],
        library=library_hash("scripts.picked_examples"),
    shell:
        command(
            "scripts.picked_examples --picks {input.picks:q} --test {input.test:q} "
            "{params.allow} {params.minimal:q} --threads {threads} --output {output:q}",
        )


rule augmented_training_set:
    """The small victim's training set and the first adversarial examples of each origin."""
    input:
        sentences=LAYOUT.training_set("small"),
        examples=lambda wildcards: list(PLAN.added(wildcards.source).values()),
    output:
        LAYOUT.training_set("robust-{source}-{size}"),
    log:
        LOGS / "augmented-training-set-{source}-{size}.log",
    benchmark:
        LOGS / "augmented-training-set-{source}-{size}.benchmark.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        examples=lambda wildcards: [
            f"{count}={PLAN.added(wildcards.source)[origin]}"
            for origin, count in PLAN.adversarial[wildcards.source]
            .parts(int(wildcards.size))
            .items()
        ],
        library=library_hash("scripts.training_set"),
    shell:
        command(
            "scripts.training_set --sentences {input.sentences:q} "
            "--examples {params.examples:q} --output {output:q}",
        )
