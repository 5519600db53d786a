import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

from tests.house.repository import ROOT


def test_the_wheel_carries_metadata_and_no_packages(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", str(ROOT), "--quiet"]
    quietly = ["--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
    subprocess.run([*build, *quietly, "--wheel-dir", str(tmp_path)], check=True)  # noqa: S603 -- our own command
    (wheel,) = tmp_path.glob("*.whl")
    homes = {name.split("/")[0] for name in ZipFile(wheel).namelist()}
    assert len(homes) == 1
    assert homes.pop().endswith(".dist-info")
