"""Live figures for the dashboards of a lab: a page, a file, or OpenTelemetry."""
