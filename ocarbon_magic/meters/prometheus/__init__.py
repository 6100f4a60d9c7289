"""Nodes where no code of ours runs: what their exporters told a Prometheus server.

DCGM counts the energy of NVIDIA GPUs, Kepler and Scaphandre that of processors and memory; a
Prometheus server, or who speaks as one (Thanos, Mimir, VictoriaMetrics), reads them every 15 to
60 seconds and keeps what it read. A counter loses nothing between two scrapes, so what matters
are the ends of a run, which fall between them.
"""
