"""The victim: model, tokenizer, training and the gateway that all calls go through."""
