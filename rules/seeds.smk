"""Several seeds: the whole experiment once for each, in folders of its own, and the means over them."""

RUNS = {seed: of_one_seed(config, seed) for seed in CONFIG.seeds}

for SEED, RUN in RUNS.items():
    SEED_RULES = f"seed_{SEED}_"

    module:
        name: SEED_RULES
        snakefile:
            f"{workflow.basedir}/Snakefile"
        config:
            RUN

    use rule * from SEED_RULES as SEED_RULES*


rule seeds:
    """Means and standard deviations of the tables over the seeds."""
    input:
        tables=[f"{run['results']}/tables.json" for run in RUNS.values()],
        summaries=[f"{run['results']}/summary.txt" for run in RUNS.values()],
    output:
        tables=table_files(name for name in table_names() if name not in LEFT_OUT),
        text=RESULTS / "tables.txt",
        summary=RESULTS / "summary.txt",
    log:
        LOGS / "seeds.log",
    benchmark:
        LOGS / "seeds.benchmark.tsv"
    conda:
        ENVIRONMENT
    params:
        folder=TABLES,
        runs=[f"{seed}={run['results']}" for seed, run in RUNS.items()],
        library=library_hash("report"),
    shell:
        "python -m scripts.seeds --runs {params.runs:q} --tables {params.folder:q} "
        "--text {output.text:q} --summary {output.summary:q} 2> {log:q}"
