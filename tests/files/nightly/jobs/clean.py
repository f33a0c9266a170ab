"""Cleans clicks: a stand-in, which no test runs."""
