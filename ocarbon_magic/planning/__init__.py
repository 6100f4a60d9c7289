"""Before and instead: what a training will take, estimated before it runs."""
