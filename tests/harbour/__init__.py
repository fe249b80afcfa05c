"""A small pipeline with windows, tables and segments, for tests of what no released pipeline may depend on."""
