"""Sums clicks up: a stand-in, which no test runs."""
