"""What comes from outside: fetched once into the cache, by jobs that run where Snakemake does."""


rule fetch:
    """Fetch a corpus, model or program, and check it."""
    output:
        LAYOUT.artefact("{artefact}"),
    log:
        LOGS / "fetch-{artefact}.log",
    benchmark:
        LOGS / "fetch-{artefact}.benchmark.tsv"
    # The nodes of a cluster often have no network.
    localrule: True
    conda:
        ENVIRONMENT
    params:
        said=lambda wildcards: PLAN.artefacts[wildcards.artefact].artefact.said,
        name=lambda wildcards: PLAN.artefacts[wildcards.artefact].artefact.name,
        identity=lambda wildcards: as_json(
            PLAN.artefacts[wildcards.artefact].artefact.identity
        ),
    message:
        "Fetching {params.said}"
    # The progress is seen, and lies in the log.
    shell:
        command(
            "seqattack fetch {params.name:q} --output {output:q}",
            fetches=True,
            log="2> >(tee {log:q} >&2)",
        )
