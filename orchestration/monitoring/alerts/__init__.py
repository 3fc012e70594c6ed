"""Alerts: what is wrong is told once to each channel that the data team has set up.

`raised` finds what is wrong now, `state` remembers what was told to whom, `settings` reads the
home's alerts.yml, `channels` bring a message out, `dispatch` puts them together. What fails is
told again at the next occasion; nothing here ever fails a load.
"""
