"""Arrival delay of flights out of New York City in 2013."""
