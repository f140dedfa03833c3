"""Any spiking rule of the library on a feed-forward network."""

from benchmarks.workloads.rule.network import SPIKING_RULES, FeedForwardRule

__all__ = ["SPIKING_RULES", "FeedForwardRule"]
