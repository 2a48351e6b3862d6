#!/usr/bin/env python3
"""Trains EfficientNet-Lite0 in plain PyTorch for some steps and prints the time an image took, as JSON.

End to end: files are read, decoded, augmented and masked in DataLoader workers while the step runs; forward under
bfloat16 autocast, channels last, backward, AdamW (the fused kernel). The clock starts after the warm-up steps.
"""

import argparse
import json
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, Dataset, Sampler, get_worker_info

from augmentation import Augmentation
from efficientnet_lite0 import EfficientNetLite0

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet, RGB, of values 0 to 1
SUFFIXES = {".jpg", ".jpeg", ".png"}


class Smears(Dataset):
    """Labelled folders; an item is the augmented RGB image `[side, side, 3]` of bytes and its label."""

    def __init__(self, folder: Path, side: int, seed: int):
        folders = sorted(path for path in folder.iterdir() if path.is_dir())
        self.items = [(str(file), label) for label, each in enumerate(folders) for file in sorted(each.iterdir())
                      if file.suffix.lower() in SUFFIXES]
        self.side, self.seed, self.augmentation = side, seed, None

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> tuple[np.ndarray, int]:
        if self.augmentation is None:
            worker = get_worker_info()
            cv2.setNumThreads(0)
            self.augmentation = Augmentation(self.seed + (worker.id if worker else 0))
        file, label = self.items[index]
        image = cv2.imread(file, cv2.IMREAD_COLOR_RGB)
        if image.shape[:2] != (self.side, self.side):
            image = cv2.resize(image, (self.side, self.side), interpolation=cv2.INTER_AREA)
        height, width = image.shape[:2]
        image[round(height * 0.84):, round(width * 0.84):] = 124, 116, 104  # the burned-in scale bar
        return self.augmentation(image), label


class Endless(Sampler):
    """Shuffled passes over the data without end, so that the loader is as busy at the last step as at the first."""

    def __init__(self, count: int, seed: int):
        self.count, self.random = count, np.random.default_rng(seed)

    def __iter__(self):
        while True:
            yield from self.random.permutation(self.count).tolist()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a folder with a folder of images for each class")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--warmup", type=int, default=3)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--side", type=int, default=224, help="pixels")
    parser.add_argument("--precision", choices=["f32", "bf16"], default="bf16")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    options = arguments()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    dataset = Smears(options.data, options.side, options.seed)
    loader = iter(DataLoader(dataset, options.batch, sampler=Endless(len(dataset), options.seed),
                             num_workers=options.workers, prefetch_factor=2 if options.workers else None))
    network = EfficientNetLite0(side=options.side).to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, fused=True)
    mean, deviation = (torch.tensor(values).view(1, 3, 1, 1) * 255 for values in (MEAN, DEVIATION))
    losses = []
    for step in range(options.warmup + options.steps):
        if step == options.warmup:
            begin = time.perf_counter()
        pixels, labels = next(loader)
        # [N, H, W, C] bytes seen as [N, C, H, W] lie in memory channels last already.
        images = pixels.permute(0, 3, 1, 2).float().sub_(mean).div_(deviation)
        with torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bf16"):
            loss = cross_entropy(network(images), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    images = options.steps * options.batch
    milliseconds = (time.perf_counter() - begin) * 1000
    print(json.dumps({"millisecondsPerImage": milliseconds / images, "images": images, "firstLoss": losses[0],
                      "lastLoss": losses[-1], "torch": torch.__version__}))


if __name__ == "__main__":
    main()
