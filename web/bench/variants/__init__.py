"""Models against each other where they will run: `measure` drives a headless browser, the rest runs in it, on any page."""

from web.bench.variants.feeds import VariantError, drawn_feeds
from web.bench.variants.gpu import measure_gpu
from web.bench.variants.measuring import NoAdapterError, Plan, default_threads, measure
from web.bench.variants.report import Report

__all__ = ["NoAdapterError", "Plan", "Report", "VariantError", "default_threads", "drawn_feeds", "measure", "measure_gpu"]
