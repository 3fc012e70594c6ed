"""The assets and checks of a load, in the order of the data: intake, transform, publication."""
