"""The clerks' web page (`eco portal`): sign-in per department, uploads, receipts, questions.

It writes into the landing folders by the rules that hold for everybody, and shows a department
nothing of another's. TLS belongs to a reverse proxy (docs/deployment/nginx.conf).
"""
