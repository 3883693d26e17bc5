"""Tables, figures and the summary."""


def attack_files(name):
    """Return one file of every attack of the run."""
    return [
        RESULTS / "attacks" / experiment / victim / recipe / name
        for experiment, victim, recipe in attacks()
    ]


TABLES = RESULTS / "tables"


rule tables:
    """Tables 1, 2 and 4 and the significance tests, beside the paper's figures."""
    input:
        summaries=attack_files("summary.json"),
        scored=attack_files("scored.jsonl"),
        records=attack_files("records.jsonl"),
        evaluations=[
            RESULTS / "evaluation" / f"{victim}.json" for victim in ["full", "small", *ROBUST]
        ],
        paper=f"{workflow.basedir}/config/paper-results.yaml",
    output:
        directory(TABLES),
    params:
        results=RESULTS,
        config=CONFIG.to_json(),
        library=library_hash("report", "metrics", "workflow"),
    log:
        "logs/tables.log",
    benchmark:
        "logs/tables.benchmark.tsv"
    conda:
        ENVIRONMENT
    shell:
        "{SCRIPTS}/tables.py"
