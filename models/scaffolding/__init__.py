"""Scaffolding: new pipelines, written from a template that is itself linted, typed and tested."""
