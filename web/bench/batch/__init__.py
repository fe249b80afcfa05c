"""How fast the Batch page answers whole files."""
