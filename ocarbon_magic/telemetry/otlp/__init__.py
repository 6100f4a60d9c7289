"""OpenTelemetry: the figures of a run go to a collector, by OTLP over HTTP.

Only what is asked for imports the modules here: they import OpenTelemetry's SDK. The provider of
meters is our own, one for each run, and never the global one, even if the user's program has set
that: an instrument cannot be taken back from a provider, so a run's figures would stay in the
user's pipeline for as long as the process lives, and be collected in its threads. Both obey the
same variables of the environment, and so reach the same collector.
"""
