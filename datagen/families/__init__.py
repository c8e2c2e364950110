"""The scenarios, by family: a package each, whose module `scenarios` lists them in SCENARIOS."""
