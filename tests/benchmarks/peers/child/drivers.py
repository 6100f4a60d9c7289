"""Each package driven as its own documentation tells, one stretch after another.

This runs in the package's environment, where nothing of the tests can be imported.
"""

# ruff: noqa: PLC0415 - a package can be imported in its own environment only
from __future__ import annotations

import csv
import os
import re
from pathlib import Path
from typing import Any

J_PER_KWH = 3.6e6


class Driver:
    """Measures stretches of a program.

    Parameters
    ----------
    best : bool
        Use the documented options that make it exact or safe, instead of the defaults.
    offline : bool
        Name a country and use what works without a network, if there is such a thing.
    gpu_only : bool
        Ask for the GPU alone, if that can be asked.
    """

    def __init__(self, *, best: bool = False, offline: bool = True, gpu_only: bool = False) -> None:
        self.best, self.offline, self.gpu_only = best, offline, gpu_only

    def load(self) -> None:
        """Import the package."""

    def begin(self, epochs: int) -> None:
        """Do all up to the first line of the user's work."""

    def mark(self, *, last: bool) -> None:
        """Tell that an epoch is over."""

    def end(self) -> None:
        """Do all that is due after the last line."""

    def gpu_energy_j(self) -> float | None:
        """Return what the GPUs drew in the last stretch, None where it is not known."""
        return None

    def intensity_g_per_kwh(self) -> float | None:
        """Return the intensity of the last stretch."""
        return None

    def left_s(self) -> float:
        """Return the seconds of a killed run that its files tell of."""
        return 0.0


class Bare(Driver):
    """Measures nothing."""


class Ocarbon(Driver):
    """Ours: `measure`, around which `%%carbon` is built."""

    def load(self) -> None:
        import ocarbon_magic

        self._package = ocarbon_magic
        ocarbon_magic.measure  # noqa: B018 - resolved when first asked for

    def begin(self, epochs: int) -> None:
        options = {"zone": "FRA"} if self.offline else {}
        self._measuring = self._package.measure("stretch", **options)
        self._run = self._measuring.__enter__()

    def end(self) -> None:
        self._measuring.__exit__(None, None, None)

    def gpu_energy_j(self) -> float | None:
        found = [device.energy_j for device in self._run.devices if device.kind == "gpu"]
        return None if not found or None in found else sum(found)

    def intensity_g_per_kwh(self) -> float | None:
        return self._run.intensity.gco2e_per_kwh

    def left_s(self) -> float:
        (run,) = self._package.runs()
        return run.duration_s


class CodeCarbon(Driver):
    """`EmissionsTracker`, or the offline one with a country; at best once a second."""

    def load(self) -> None:
        import codecarbon

        self._package = codecarbon

    def begin(self, epochs: int) -> None:
        options: dict[str, Any] = {"measure_power_secs": 1} if self.best else {}
        if self.offline:
            self._tracker = self._package.OfflineEmissionsTracker(country_iso_code="FRA", **options)
        else:
            self._tracker = self._package.EmissionsTracker(**options)
        self._tracker.start()

    def mark(self, *, last: bool) -> None:
        if self.best:
            self._tracker.flush()

    def end(self) -> None:
        self._tracker.stop()

    def gpu_energy_j(self) -> float | None:
        return self._tracker.final_emissions_data.gpu_energy * J_PER_KWH

    def intensity_g_per_kwh(self) -> float | None:
        data = self._tracker.final_emissions_data
        return 1e3 * data.emissions / data.energy_consumed if data.energy_consumed else None

    def left_s(self) -> float:
        rows = read_rows("emissions.csv")
        return max((float(row["duration"]) for row in rows), default=0.0)


class CarbonTracker(Driver):
    """`CarbonTracker` with its epochs; at best with log files."""

    def load(self) -> None:
        from carbontracker.tracker import CarbonTracker as Tracker

        self._tracker_class = Tracker

    def begin(self, epochs: int) -> None:
        options: dict[str, Any] = {"log_dir": "logs"} if self.best else {}
        if self.gpu_only:
            options["components"] = "gpu"
        self._tracker = self._tracker_class(epochs=epochs, **options)
        self._thread = self._tracker.tracker
        self._updater = self._tracker.intensity_updater
        self._tracker.epoch_start()

    def mark(self, *, last: bool) -> None:
        self._tracker.epoch_end()
        if not last:
            self._tracker.epoch_start()

    def end(self) -> None:
        self._tracker.epoch_end()
        self._tracker.stop()

    def gpu_energy_j(self) -> float | None:
        """Return the energy as reported, without its constant PUE."""
        gpus = [part for part in self._thread.components if part.name == "gpu"]
        energies = [sum(part.energy_usage(self._thread.epoch_times)) for part in gpus]
        return sum(energies) * J_PER_KWH if energies else None

    def intensity_g_per_kwh(self) -> float | None:
        fetched = self._updater.carbon_intensities_fetches
        return float(fetched[-1].carbon_intensity) if fetched else None

    def left_s(self) -> float:
        logs = [path.read_text() for path in Path("logs").glob("*") if path.is_file()]
        times = re.findall(r"Duration: *(\d+):(\d+):([\d.]+)", "\n".join(logs))
        return sum(3600 * int(h) + 60 * int(m) + float(s) for h, m, s in times)


class Zeus(Driver):
    """`ZeusMonitor` windows; at best with the approximation for short ones, and a log."""

    def load(self) -> None:
        from zeus.monitor import ZeusMonitor

        self._monitor_class = ZeusMonitor

    def begin(self, epochs: int) -> None:
        options: dict[str, Any] = {"approx_instant_energy": True} if self.best else {}
        if self.best:
            options["log_file"] = "zeus.csv"
        self._monitor = self._monitor_class(**options)
        self._energy_j = 0.0
        self._open()

    def _open(self) -> None:
        # The synchronisation is for PyTorch and JAX, of which there is none here.
        self._monitor.begin_window("stretch", sync_execution=False)

    def mark(self, *, last: bool) -> None:
        self._close()
        if not last:
            self._open()

    def _close(self) -> None:
        window = self._monitor.end_window("stretch", sync_execution=False)
        self._energy_j += sum(window.gpu_energy.values())

    def end(self) -> None:
        self._close()

    def gpu_energy_j(self) -> float | None:
        return self._energy_j if self._monitor.gpu_indices else None

    def left_s(self) -> float:
        return sum(float(row["elapsed_time"]) for row in read_rows("zeus.csv"))


class Eco2AI(Driver):
    """`Tracker`, with a country where there is no network; at best once a second."""

    def load(self) -> None:
        import eco2ai

        self._package = eco2ai

    def begin(self, epochs: int) -> None:
        options: dict[str, Any] = {"measure_period": 1} if self.best else {}
        if self.offline:
            options["alpha_2_code"] = "FR"
        self._tracker = self._package.Tracker(
            project_name="peers",
            experiment_description="stretch",
            file_name=f"eco2ai-{os.getpid()}.csv",
            **options,
        )
        self._tracker.start()
        self._gpu = self._tracker._gpu

    def end(self) -> None:
        self._tracker.stop()

    def gpu_energy_j(self) -> float | None:
        return self._gpu.get_consumption() * J_PER_KWH if self._gpu.is_gpu_available else None

    def intensity_g_per_kwh(self) -> float | None:
        return self._tracker.emission_level()

    def left_s(self) -> float:
        rows = [row for path in Path().glob("eco2ai-*.csv") for row in read_rows(str(path))]
        return max((float(row["duration(s)"]) for row in rows), default=0.0)


def read_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file, none where there is no file."""
    path = Path(name)
    return list(csv.DictReader(path.read_text().splitlines())) if path.is_file() else []


DRIVERS: dict[str, type[Driver]] = {
    "bare": Bare,
    "ocarbon_magic": Ocarbon,
    "codecarbon": CodeCarbon,
    "carbontracker": CarbonTracker,
    "zeus": Zeus,
    "eco2ai": Eco2AI,
}
