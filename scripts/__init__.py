"""Scripts of the pipeline: one for each rule that no command of the CLI covers."""
