"""The subset, and the attacks on it."""


rule subset:
    """The sentences that every attack and every victim share."""
    input:
        test=rules.corpus.output.test,
        model=PLAN.model_files("full"),
    output:
        sentences=LAYOUT.subset,
        left_out=LAYOUT.left_out,
    log:
        LOGS / "subset.log",
    benchmark:
        LOGS / "subset.benchmark.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=memory("predict"),
        runtime=RUNTIME["predict"],
        gpu=GPUS,
    params:
        victim=lambda wildcards: PLAN.model("full"),
        contents=PLAN.model_contents("full"),
        size=CONFIG.subset.size,
        max_wrong=CONFIG.subset.max_wrong,
        order=CONFIG.subset.order,
        seed=CONFIG.subset_seed,
        device=CONFIG.device,
        precision=CONFIG.precision,
        backend=CONFIG.backend,
        library=library_hash("cli.evaluate:add_pick_samples"),
    shell:
        command(
            "seqattack pick-samples --model {params.victim:q} --sentences {input.test:q} "
            "--size {params.size} --max-wrong {params.max_wrong} --order {params.order} "
            "--seed {params.seed} --device {params.device} --precision {params.precision} "
            "--backend {params.backend} --threads {threads} --output {output.sentences:q} "
            "--left-out {output.left_out:q}",
        )


rule attack_shard:
    """Attack one shard of the subset; a killed job goes on where it stopped."""
    input:
        sentences=rules.subset.output.sentences,
        model=lambda wildcards: PLAN.model_files(wildcards.victim),
        resources=lambda wildcards: PLAN.resource_files(wildcards.recipe),
    output:
        ATTACK.shard("{shard}"),
    log:
        LOGS / "attack-{experiment}-{victim}-{recipe}-{shard}.log",
    benchmark:
        LOGS / "attack-{experiment}-{victim}-{recipe}-{shard}.benchmark.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=memory("attack"),
        runtime=RUNTIME["attack"],
        gpu=GPUS,
    params:
        victim=lambda wildcards: PLAN.model(wildcards.victim),
        contents=lambda wildcards: PLAN.model_contents(wildcards.victim),
        resources=lambda wildcards: PLAN.resource_contents(wildcards.recipe),
        bounds=lambda wildcards: PLAN.bounds(int(wildcards.shard)),
        job=lambda wildcards: as_json(PLAN.job(wildcards.experiment, wildcards.recipe)),
        library=library_hash("cli.attack:add_attack"),
    shell:
        command(
            "seqattack attack --model {params.victim:q} --sentences {input.sentences:q} "
            "--start {params.bounds[0]} --stop {params.bounds[1]} --job {params.job:q} "
            "--threads {threads} --overwrite --output {output:q}",
        )


for EXPERIMENT, FOLDERS in PLAN.experiments.items():

    rule:
        """Join the shards of an experiment's attacks and measure them; loading takes most of it."""
        name:
            f"score_{EXPERIMENT}"
        input:
            shards=[folder.shard(shard) for folder in FOLDERS for shard in PLAN.shards],
            backends=[rules.similarity_backend.output, rules.grammar_backend.output],
        output:
            records=[folder.records for folder in FOLDERS],
            scored=[folder.scored for folder in FOLDERS],
            summaries=[folder.summary for folder in FOLDERS],
        log:
            LOGS / f"score-{EXPERIMENT}.log",
        benchmark:
            LOGS / f"score-{EXPERIMENT}.benchmark.tsv"
        conda:
            ENVIRONMENT
        threads: 1
        resources:
            mem_mb=memory("score"),
            runtime=RUNTIME["score"],
        params:
            attacks=[folder.path for folder in FOLDERS],
            shards=len(PLAN.shards),
            shard_size=CONFIG.attack.shard_size,
            sentences=CONFIG.subset.size,
            seed=CONFIG.seed,
            similarity=as_json(CONFIG.to_json()["similarity"]),
            grammar=as_json(CONFIG.to_json()["grammar"]),
            library=library_hash("scripts.score"),
        shell:
            command(
                "scripts.score --attacks {params.attacks:q} --shards {params.shards} "
                "--shard-size {params.shard_size} --sentences {params.sentences} --seed {params.seed} "
                "--similarity {params.similarity:q} --grammar {params.grammar:q} --threads {threads}",
            )


rule explain:
    """What each edit of an attack's examples does: each is undone once and made once alone."""
    input:
        records=ATTACK.records,
        model=lambda wildcards: PLAN.model_files(wildcards.victim),
    output:
        ATTACK.explained,
    log:
        LOGS / "explain-{experiment}-{victim}-{recipe}.log",
    benchmark:
        LOGS / "explain-{experiment}-{victim}-{recipe}.benchmark.tsv"
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
        budget=CONFIG.attack.query_budget,
        device=CONFIG.device,
        precision=CONFIG.precision,
        backend=CONFIG.backend,
        library=library_hash("scripts.explain"),
    shell:
        command(
            "scripts.explain --records {input.records:q} --model {params.victim:q} "
            "--budget {params.budget} --device {params.device} --precision {params.precision} "
            "--backend {params.backend} --threads {threads} --output {output:q}",
        )
