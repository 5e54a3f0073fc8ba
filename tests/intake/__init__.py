"""Fetching over real sockets on loopback."""
