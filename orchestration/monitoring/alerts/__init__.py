"""Alerts: each current problem is sent once to each channel that the data team has set up.

`current` derives the alerts from the health report, `state` keeps what was sent to which channel,
`settings` reads the home's alerts.yml, `channels` send a message, `dispatch` combines them. What
fails is sent again at the next occasion; nothing here ever fails a load.
"""
