"""The functions behind `import seqattack`: attack a model from Python, and look at what was found."""
