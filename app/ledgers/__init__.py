"""Excel ledgers (台账) in and out: bytes to dataclasses and back. No I/O, no clock, no database."""
