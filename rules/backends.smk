"""Similarity and grammar backends: fetched and tried before anything else runs."""


rule backends:
    """Fetch what the backends need and ask each one question; an error here stops the run."""
    output:
        RESULTS / "backends.json",
    log:
        LOGS / "backends.log",
    benchmark:
        LOGS / "backends.benchmark.tsv"
    localrule: True
    conda:
        SIMILARITY_ENVIRONMENT
    params:
        similarity=json.dumps(CONFIG.similarity),
        grammar=json.dumps(CONFIG.grammar),
        library=library_hash("scripts.backends"),
    shell:
        "python -m scripts.backends --similarity {params.similarity:q} --grammar {params.grammar:q} "
        "--output {output:q} 2> {log:q}"
