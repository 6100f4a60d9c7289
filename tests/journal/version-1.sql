PRAGMA journal_mode = WAL;
PRAGMA application_id = 1868783986;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE records (number INTEGER PRIMARY KEY REFERENCES runs, record TEXT NOT NULL);
INSERT INTO "records" VALUES(1,'{"schema": "ocarbon.run/1", "id": "0b5e3c7a-0000-4000-8000-000000000001", "name": "first", "status": "finished", "started_at": "2026-01-05T10:00:00.000Z", "ended_at": "2026-03-01T14:04:25Z", "duration_s": 134.2, "devices": [{"kind": "gpu", "name": "NVIDIA H100 80GB HBM3", "uuid": "GPU-01f0c2a4-77f2-4a4e-9c0b-1d2e3f4a5b6c", "energy_j": 38520.0, "mean_power_w": 287.1, "max_power_w": 341.6, "method": "nvml-energy-counter", "measured": true, "uncertainty_pct": 5.1, "busy_share": null, "power_limit_w": null}], "energy_kwh": 0.0107, "pue": 1.0, "zone": {"code": "FRA", "name": "France", "how": "given"}, "intensity": {"gco2e_per_kwh": 53.06, "year": 2024, "scope": "lifecycle", "source": "Ember"}, "operational_g": 0.567742, "embodied_g": 0.041, "emissions_g": 0.608742, "work": {"done": null, "total": null, "unit": null, "rate_per_s": null, "source": null, "hint": null}, "throughput": {"log10_alpha": null, "scale": null, "onset_s": null, "tflops_per_device": null, "utilisation": null, "law": null}, "projection": null, "projections": [], "series": {"t_s": [], "power_w": [], "work": [], "emissions_g": []}, "host": {"os": "Linux", "python": "3.11.9", "cpu_count": 2}, "versions": {"ocarbon_magic": "0.1.0"}, "metric": {"expression": "accuracy", "value": 0.91}, "warnings": [], "budget_g": null, "cell": null, "embodied": [], "within": null}');
INSERT INTO "records" VALUES(2,'{"schema": "ocarbon.run/1", "id": "0b5e3c7a-0000-4000-8000-000000000002", "name": "second", "status": "failed", "started_at": "2026-01-06T10:00:00.000Z", "ended_at": "2026-03-01T14:04:25Z", "duration_s": 134.2, "devices": [{"kind": "gpu", "name": "NVIDIA H100 80GB HBM3", "uuid": "GPU-01f0c2a4-77f2-4a4e-9c0b-1d2e3f4a5b6c", "energy_j": 38520.0, "mean_power_w": 287.1, "max_power_w": 341.6, "method": "nvml-energy-counter", "measured": true, "uncertainty_pct": 5.1, "busy_share": null, "power_limit_w": null}], "energy_kwh": 0.0107, "pue": 1.0, "zone": {"code": "FRA", "name": "France", "how": "given"}, "intensity": {"gco2e_per_kwh": 53.06, "year": 2024, "scope": "lifecycle", "source": "Ember"}, "operational_g": 0.567742, "embodied_g": 0.041, "emissions_g": 0.608742, "work": {"done": null, "total": null, "unit": null, "rate_per_s": null, "source": null, "hint": null}, "throughput": {"log10_alpha": null, "scale": null, "onset_s": null, "tflops_per_device": null, "utilisation": null, "law": null}, "projection": null, "projections": [], "series": {"t_s": [], "power_w": [], "work": [], "emissions_g": []}, "host": {"os": "Linux", "python": "3.11.9", "cpu_count": 2}, "versions": {"ocarbon_magic": "0.1.0"}, "metric": {"expression": "loss", "value": "nan"}, "warnings": [], "budget_g": null, "cell": null, "embodied": [], "within": null}');
INSERT INTO "records" VALUES(3,'{"schema": "ocarbon.run/1", "id": "0b5e3c7a-0000-4000-8000-000000000003", "name": "third", "status": "running", "started_at": "2026-01-07T10:00:00.000Z", "ended_at": null, "duration_s": 134.2, "devices": [{"kind": "gpu", "name": "NVIDIA H100 80GB HBM3", "uuid": "GPU-01f0c2a4-77f2-4a4e-9c0b-1d2e3f4a5b6c", "energy_j": 38520.0, "mean_power_w": 287.1, "max_power_w": 341.6, "method": "nvml-energy-counter", "measured": true, "uncertainty_pct": 5.1, "busy_share": null, "power_limit_w": null}], "energy_kwh": 0.0107, "pue": 1.0, "zone": {"code": "FRA", "name": "France", "how": "given"}, "intensity": {"gco2e_per_kwh": 53.06, "year": 2024, "scope": "lifecycle", "source": "Ember"}, "operational_g": 0.567742, "embodied_g": 0.041, "emissions_g": 0.608742, "work": {"done": null, "total": null, "unit": null, "rate_per_s": null, "source": null, "hint": null}, "throughput": {"log10_alpha": null, "scale": null, "onset_s": null, "tflops_per_device": null, "utilisation": null, "law": null}, "projection": null, "projections": [], "series": {"t_s": [], "power_w": [], "work": [], "emissions_g": []}, "host": {"os": "Linux", "python": "3.11.9", "cpu_count": 2}, "versions": {"ocarbon_magic": "0.1.0"}, "metric": null, "warnings": [], "budget_g": null, "cell": null, "embodied": [], "within": null}');
CREATE TABLE runs (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    duration_s REAL,
    energy_kwh REAL,
    operational_g REAL,
    embodied_g REAL,
    emissions_g REAL,
    scope TEXT NOT NULL,
    zone TEXT NOT NULL,
    devices TEXT NOT NULL,
    user TEXT,
    host TEXT,
    project TEXT,
    notebook TEXT,
    process TEXT,
    heartbeat_s REAL,
    revision INTEGER NOT NULL
);
INSERT INTO "runs" VALUES(1,'0b5e3c7a-0000-4000-8000-000000000001','first','finished','2026-01-05T10:00:00.000Z','2026-03-01T14:04:25Z',134.2,0.0107,0.567742,0.041,0.608742,'lifecycle','FRA','NVIDIA H100 80GB HBM3','ada','left','vision','/home/ada/train.ipynb','5d3e:pid:[4026531836]/4242/9911',1767600000.0,4);
INSERT INTO "runs" VALUES(2,'0b5e3c7a-0000-4000-8000-000000000002','second','failed','2026-01-06T10:00:00.000Z','2026-03-01T14:04:25Z',134.2,0.0107,0.567742,0.041,0.608742,'lifecycle','FRA','NVIDIA H100 80GB HBM3','ada','left','vision','/home/ada/train.ipynb','5d3e:pid:[4026531836]/4242/9911',1767600000.0,4);
INSERT INTO "runs" VALUES(3,'0b5e3c7a-0000-4000-8000-000000000003','third','running','2026-01-07T10:00:00.000Z',NULL,134.2,0.0107,0.567742,0.041,0.608742,'lifecycle','FRA','NVIDIA H100 80GB HBM3','ada','left','vision','/home/ada/train.ipynb','5d3e:pid:[4026531836]/4242/9911',1767600000.0,4);
CREATE INDEX runs_started_at ON runs (started_at);
CREATE INDEX runs_name ON runs (name, started_at);
CREATE INDEX runs_status ON runs (status, started_at);
CREATE INDEX runs_scope ON runs (scope, started_at);
CREATE INDEX runs_zone ON runs (zone, started_at);
CREATE INDEX runs_devices ON runs (devices, started_at);
CREATE INDEX runs_user ON runs (user, started_at);
CREATE INDEX runs_project ON runs (project, started_at);
CREATE INDEX runs_notebook ON runs (notebook, started_at);
COMMIT;
