"""Batch: tables in files to predictions in files, by the models of a release; the command line and the jobs of the server run this."""
