"""The commands of `eco`: arguments, calls, printed results. No logic of their own."""
