"""Similarity and grammar backends: tried before anything is scored."""


rule similarity_backend:
    """Ask the sentence encoder that attacks and scores use one question."""
    input:
        PLAN.encoder_files,
    output:
        LAYOUT.backend("similarity"),
    log:
        LOGS / "similarity-backend.log",
    benchmark:
        LOGS / "similarity-backend.benchmark.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        settings=as_json(CONFIG.to_json()["similarity"]),
        contents=PLAN.contents("similarity"),
        library=library_hash("scripts.similarity_backend"),
    shell:
        command(
            "scripts.similarity_backend --settings {params.settings:q} --output {output:q}",
        )


rule grammar_backend:
    """Ask the grammar checker that scores use one question."""
    input:
        PLAN.artefact_files("grammar"),
    output:
        LAYOUT.backend("grammar"),
    log:
        LOGS / "grammar-backend.log",
    benchmark:
        LOGS / "grammar-backend.benchmark.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        settings=as_json(CONFIG.to_json()["grammar"]),
        library=library_hash("scripts.grammar_backend"),
    shell:
        command(
            "scripts.grammar_backend --settings {params.settings:q} --output {output:q}",
        )
