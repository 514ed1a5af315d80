"""Printable documents, built in memory from plain values: no database, no web."""
