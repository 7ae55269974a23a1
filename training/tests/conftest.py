"""Shards that several tests train on; and one thread: arrays here are so small that threads wait for each other more than they compute."""

from dataclasses import asdict
from pathlib import Path

import pytest
import tiny
import torch

from palimpsest_training import draw

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `vae.pt` and shards of every task, made by the command."""
    folder = tmp_path_factory.mktemp("drawn")
    torch.manual_seed(4)
    vae = tiny.make_vae()
    torch.save({"config": asdict(vae.config), "state": vae.state_dict()}, folder / "vae.pt")
    with pytest.MonkeyPatch.context() as patch:
        for count in (4, 9):
            fixed = f"--shards {count} --rows 4 --turns 2 --size 64 --device cpu"
            patch.setattr("sys.argv", ["draw", "--vae", str(folder / "vae.pt"), "--out", str(folder / "shards"), *fixed.split()])
            draw.main()
    return folder
