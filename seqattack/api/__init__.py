"""The functions behind `import seqattack`: attack a model, and look at what was found."""
