"""Print the figures of DESIGN section 7 that this machine can measure: `make bench`.

Figures are medians, or ratios against a bare kernel measured in the same run; a busy or slow
machine makes the milliseconds larger and leaves the ratios.
"""

from __future__ import annotations

import argparse

import cell_overhead
import energy_accuracy
import install_weight
import journal_cost
import long_notebook
import loop_cost
import panel_cost
import sampling_cost
import scale
import telemetry_cost
import torch_steps

PARTS = {
    "overhead": cell_overhead.main,
    "loops": loop_cost.main,
    "torch": torch_steps.main,
    "sampling": sampling_cost.main,
    "panel": panel_cost.main,
    "notebook": long_notebook.main,
    "journal": journal_cost.main,
    "telemetry": telemetry_cost.main,
    "scale": scale.main,
    "accuracy": energy_accuracy.main,
    "weight": install_weight.main,
}


def main() -> None:
    """Run the parts named on the command line, or all."""
    parser = argparse.ArgumentParser(prog="tests/benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="default: all")
    for part in parser.parse_args().parts or PARTS:
        PARTS[part]()
        print()


if __name__ == "__main__":
    main()
