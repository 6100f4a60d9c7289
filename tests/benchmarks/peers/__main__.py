"""Measure some parts and print them, without keeping them: python tests/benchmarks/peers."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks import peers
from benchmarks.peers import venvs


def main() -> None:
    """Measure the parts named on the command line, or all."""
    parser = argparse.ArgumentParser(prog="tests/benchmarks/peers", description=__doc__)
    known = f"of {', '.join(peers.PARTS)}; default: all"
    parser.add_argument("parts", nargs="*", choices=[*peers.PARTS, []], metavar="PART", help=known)
    parser.add_argument(
        "--venvs", help=f"where the environments lie (default: {venvs.FOLDER}, or a cache folder)"
    )
    asked = parser.parse_args()
    if asked.venvs:
        os.environ[venvs.FOLDER] = asked.venvs
    for line in peers.lines(peers.measure(*asked.parts)):
        print(line)


if __name__ == "__main__":
    main()
