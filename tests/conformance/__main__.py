"""Walk from the command line.

    python -m tests.conformance [--walks N] [--seed K]

The exit code is 1 if a walk parts from the model; its line names the seed.
"""

import argparse
import sys
import time
from collections import Counter

from tests.conformance.walk import Walk


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance")
    parser.add_argument("--walks", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0, help="of the first walk")
    parser.add_argument("--labels", action="store_true", help="count the model's steps")
    options = parser.parse_args()
    labels: Counter[str] = Counter()
    began, steps, diverged = time.perf_counter(), 0, 0
    for seed in range(options.seed, options.seed + options.walks):
        report = Walk(seed=seed).play()
        labels += report.labels
        steps += report.steps
        if report.divergence is not None:
            diverged += 1
            say(report.divergence)
            say(f"  again: python -m tests.conformance --walks 1 --seed {seed}")
    seconds = time.perf_counter() - began
    say(f"{options.walks} walks, {steps} steps, {diverged} diverged, {seconds:.1f} s")
    if options.labels:
        for label, count in sorted(labels.items()):
            say(f"{count:9,}  {label}")
    return 1 if diverged else 0


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
