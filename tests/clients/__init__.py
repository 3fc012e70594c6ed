"""Programs that open what is published with readers' own tools, run by hand; results in docs/."""
