"""Findings, catalogs and sessions to what people and other tools read; one file a format."""
