"""All SQL of the registry, one file per noun. Whoever reads gives `who`: the filter is in the query itself."""
