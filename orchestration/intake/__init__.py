"""Taking files in: landing, the intake service, receipts, reading the archive again."""
