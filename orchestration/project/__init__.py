"""The source tree itself, without a data home: generated files, conventions, public names."""
