"""Several seeds: the whole experiment once for each, in folders of its own, and the means over them."""

# A p-value has no mean that says anything; the claims count the significant tests.
AVERAGED = [name for name in CAPTIONS if name != "significance"]
RUNS = {seed: of_one_seed(TYPED, seed) for seed in CONFIG.seeds}
TARGETS = [
    f"{run['results']}/{path.relative_to(LAYOUT.results)}"
    for run in RUNS.values()
    for path in (*PLAN.scores, *map(LAYOUT.reported, CONFIG.report_to))
]

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
        tables=[
            f"{run['results']}/tables/{name}.json"
            for run in RUNS.values()
            for name in AVERAGED
        ],
        others=[
            f"{run['results']}/{name}"
            for run in RUNS.values()
            for name in ("summary.txt", "report.html")
        ],
    output:
        shown=shown_tables(AVERAGED),
        others=other_tables(AVERAGED),
        text=LAYOUT.tables_text,
        summary=LAYOUT.summary,
    log:
        LOGS / "seeds.log",
    benchmark:
        LOGS / "seeds.benchmark.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        names=AVERAGED,
        folder=LAYOUT.tables,
        runs=[f"{seed}={run['results']}" for seed, run in RUNS.items()],
        library=library_hash("scripts.seeds"),
    shell:
        command(
            "scripts.seeds --runs {params.runs:q} --names {params.names:q} --tables {params.folder:q} "
            "--text {output.text:q} --summary {output.summary:q}",
        )
