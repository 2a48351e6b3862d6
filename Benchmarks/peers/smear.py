"""What both peer servers share: a model package's preprocessing on OpenCV and numpy, and the answer's JSON object.

The steps and their arithmetic are those of Sources/CVision (`cv_preprocess`): the corner masked, area interpolation when
the image shrinks, ImageNet's scale. The peers answer label and probabilities; unlike Leukoscope they measure no
quality, no novelty and no prediction set.
"""

import json
from pathlib import Path

import cv2
import numpy as np

cv2.setNumThreads(1)  # many requests at once, not one in many threads


class BadImage(ValueError):
    """The bytes are no image that OpenCV decodes."""


class Package:
    """A model package (`model.json`), as far as answering needs it."""

    def __init__(self, directory: Path):
        description = json.loads((directory / "model.json").read_text())
        self.network = directory / "model.onnx"
        self.classes = [entry["key"] for entry in description["classes"]]
        self.names = [entry["displayName"] for entry in description["classes"]]
        self.temperature = description["calibration"]["temperature"]
        self.size = (description["input"]["width"], description["input"]["height"])
        self.steps = description["preprocessing"]
        known = {"mask-corner", "resize", "normalize"}
        unknown = {step["step"] for step in self.steps} - known
        if unknown:
            raise NotImplementedError(f"this peer has no step {', '.join(sorted(unknown))}")

    def pixels(self, encoded: bytes) -> np.ndarray:
        """An image file as the network's input, float32 `[height, width, 3]`, red first."""
        image = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
        if image is None:
            raise BadImage("the upload is no image")
        image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        for step in self.steps:
            image = getattr(self, "_" + step["step"].replace("-", "_"))(image, step)
        return image

    @staticmethod
    def _mask_corner(image: np.ndarray, step: dict) -> np.ndarray:
        height, width = image.shape[:2]
        rows, columns = round(height * step["heightFraction"]), round(width * step["widthFraction"])
        image[height - rows:, width - columns:] = (step["red"], step["green"], step["blue"])
        return image

    @staticmethod
    def _resize(image: np.ndarray, step: dict) -> np.ndarray:
        size = (step["width"], step["height"])
        if image.shape[1::-1] == size:
            return image
        shrinks = size[0] <= image.shape[1] and size[1] <= image.shape[0]
        return cv2.resize(image, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)

    @staticmethod
    def _normalize(image: np.ndarray, step: dict) -> np.ndarray:
        deviation = np.asarray(step["deviation"], np.float32)
        scaled = np.multiply(image, 1 / (255 * deviation), dtype=np.float32)
        scaled -= np.asarray(step["mean"], np.float32) / deviation
        return scaled

    def answer(self, logits: np.ndarray) -> dict:
        """Logits `[classes]` as label, display name, confidence and calibrated probabilities."""
        scaled = logits.astype(np.float64) / self.temperature
        exponentials = np.exp(scaled - scaled.max())
        probabilities = exponentials / exponentials.sum()
        best = int(probabilities.argmax())
        return {"label": self.classes[best], "displayName": self.names[best],
                "confidence": float(probabilities[best]),
                "probabilities": dict(zip(self.classes, probabilities.tolist()))}
