from pathlib import Path

import pytest

from entrypoints.demo.folder import FolderInUse, NotADemoFolder, demo_folder


def test_secrets_outlive_a_restart(tmp_path: Path) -> None:
    with demo_folder(tmp_path / "demo", reset=False) as folder:
        first = folder.secrets()
    with demo_folder(tmp_path / "demo", reset=False) as folder:
        assert folder.secrets() == first


def test_secrets_are_long_unlike_each_others_and_for_our_eyes_only(
    tmp_path: Path,
) -> None:
    with (
        demo_folder(tmp_path / "one", reset=False) as one,
        demo_folder(tmp_path / "two", reset=False) as two,
    ):
        assert len(one.secrets().jwt_secret) >= 32
        assert one.secrets().webhook_secret.startswith("whsec_")
        assert one.secrets() != two.secrets()
        assert (one.path / "demo-secrets.json").stat().st_mode & 0o777 == 0o600
        assert one.secrets().jwt_secret not in repr(one.secrets())


def test_a_folder_is_for_one_demo(tmp_path: Path) -> None:
    with demo_folder(tmp_path, reset=False):
        with pytest.raises(FolderInUse), demo_folder(tmp_path, reset=True):
            pass
        assert (tmp_path / "demo-secrets.json").exists()
    with demo_folder(tmp_path, reset=False):
        pass


def test_reset_begins_anew(tmp_path: Path) -> None:
    with demo_folder(tmp_path, reset=False) as folder:
        first = folder.secrets()
        folder.note_seeded()
        (tmp_path / "mongo").mkdir()
        (tmp_path / "mongo" / "data").touch()
    with demo_folder(tmp_path, reset=True) as folder:
        assert folder.secrets() != first
        assert not folder.is_seeded
        assert not (tmp_path / "mongo").exists()


def test_reset_follows_no_link(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis").touch()
    with demo_folder(tmp_path / "demo", reset=False) as folder:
        (folder.path / "link").symlink_to(mine)
    with demo_folder(tmp_path / "demo", reset=True) as folder:
        assert not (folder.path / "link").exists()
    assert (mine / "thesis").exists()


def test_reset_leaves_what_no_demo_made(tmp_path: Path) -> None:
    (tmp_path / "thesis").touch()
    for _ in range(2):
        with pytest.raises(NotADemoFolder), demo_folder(tmp_path, reset=True):
            pass
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis"]
