"""The bundled classifier on ESC-10's official five folds; settings and calibration are found inside training folds.

python benchmarks/esc10.py
"""

from __future__ import annotations

from report import head

from training import esc10, train_esc10


def main() -> None:
    head("ESC-10, official five folds", "tensorflow", "scikit-learn", "numpy")
    for name, value in train_esc10.evaluate(esc10.clips()).items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
