#!/bin/sh
# Made by `make lock` from requirements/no-deps.lock; Snakemake runs it in the new environment.
python -m pip install --no-deps textattack==0.3.11
