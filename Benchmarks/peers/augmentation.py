"""The augmentation of Sources/CVision/augment*.cpp, written for OpenCV in Python as a practitioner would.

Each step is a vectorised OpenCV call on 8-bit or float32 images; the chances and strengths are those of
`Augmentation.standard`, so that both sides of the benchmark do the same work.
"""

import math

import cv2
import numpy as np

# Rows: haematoxylin, eosin, residual (Ruifrok and Johnston 2001).
STAINS = np.array([[0.650, 0.704, 0.286], [0.072, 0.990, 0.105], [0.268, 0.570, 0.776]])
TO_STAINS = np.linalg.inv(STAINS.T)
GREY = np.tile([0.299, 0.587, 0.114], (3, 1))
DENSITY = -np.log10(np.maximum(np.arange(256), 1) / 255).astype(np.float32)
NOISE_SIDE = 512


class Augmentation:
    """Callable on an RGB image `[H, W, 3]` of bytes; one instance a worker."""

    def __init__(self, seed: int):
        self.random = np.random.default_rng(seed)
        self.noise = np.random.default_rng(20080).standard_normal((NOISE_SIDE, NOISE_SIDE, 3), dtype=np.float32)

    def __call__(self, image: np.ndarray) -> np.ndarray:
        image = self.geometry(image)
        image = self.colour(image)
        image = self.quality(image)
        return self.erasing(image)

    def happens(self, chance: float) -> bool:
        return self.random.random() < chance

    def around(self, strength: float) -> float:
        return (2 * self.random.random() - 1) * strength

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.random.random()

    def geometry(self, image: np.ndarray) -> np.ndarray:
        horizontal, vertical = self.happens(0.5), self.happens(0.5)
        if horizontal or vertical:
            image = cv2.flip(image, -1 if horizontal and vertical else int(horizontal))
        if self.happens(0.5):
            image = cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE)
        if not self.happens(0.5):
            return image
        height, width = image.shape[:2]
        matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), self.around(25), self.between(0.85, 1.2))
        matrix[:, 2] += self.around(0.06) * width, self.around(0.06) * height
        return cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)

    def colour(self, image: np.ndarray) -> np.ndarray:
        colours = self.stain(image) if self.happens(0.7) else image
        matrix, offset, exponent = self.linear_map()
        if colours is image and exponent == 1 and np.array_equal(matrix, np.eye(3)) and offset == 0:
            return image
        affine = np.column_stack([matrix, np.full(3, offset)]).astype(np.float32)
        colours = cv2.transform(colours, affine)
        if colours.dtype != np.uint8:
            colours = np.clip(colours, 0, 255, out=colours).astype(np.uint8)
        if exponent == 1:
            return colours
        table = (255 * (np.arange(256) / 255) ** exponent + 0.5).astype(np.uint8)
        return cv2.LUT(colours, table)

    def stain(self, image: np.ndarray) -> np.ndarray:
        """Gain and shift of each stain in optical density; float32 light, 0 to 255."""
        gains = np.diag([1 + self.around(0.35) for _ in range(3)])
        shift = np.array([self.around(0.06) for _ in range(3)])
        affine = np.column_stack([STAINS.T @ gains @ TO_STAINS, STAINS.T @ shift]) * -math.log(10)
        affine[:, 3] += math.log(255)
        light = cv2.exp(cv2.transform(cv2.LUT(image, DENSITY), affine.astype(np.float32)))
        return np.minimum(light, 255, out=light)

    def linear_map(self) -> tuple[np.ndarray, float, float]:
        """Matrix, offset and gamma exponent."""
        matrix, offset, exponent = np.eye(3), 0.0, 1.0
        if self.happens(0.7):
            saturation = 1 + self.around(0.4)
            matrix = hue_turn(self.around(25)) @ matrix
            matrix = (np.eye(3) * saturation + GREY * (1 - saturation)) @ matrix
            value = 1 + self.around(0.12)
            matrix = np.diag([value * (1 + self.around(0.12)) for _ in range(3)]) @ matrix
            exponent = 1 + self.around(0.25)
        if self.happens(0.1):
            matrix = GREY @ matrix
        elif self.happens(0.12):
            weights = self.random.random((3, 3))
            matrix = (0.4 * np.eye(3) + 0.6 * weights / weights.sum(1, keepdims=True)) @ matrix
        if self.happens(0.5):
            contrast = 1 + self.around(0.2)
            matrix = matrix * contrast
            offset = 127.5 * (1 - contrast) + 255 * self.around(0.1)
        return matrix, offset, exponent

    def quality(self, image: np.ndarray) -> np.ndarray:
        if self.happens(0.2):
            deviation = self.between(0.3, 1.5)
            image = cv2.GaussianBlur(image, (0, 0), deviation)
        elif self.happens(0.15):
            amount = self.between(0, 1)
            image = cv2.addWeighted(image, 1 + amount, cv2.GaussianBlur(image, (0, 0), 1), -amount, 0)
        if self.happens(0.25):
            height, width = image.shape[:2]
            top, left = self.random.integers(NOISE_SIDE - height + 1), self.random.integers(NOISE_SIDE - width + 1)
            noise = self.noise[top:top + height, left:left + width]
            image = cv2.addWeighted(image, 1, noise, self.between(0, 0.04) * 255, 0, dtype=cv2.CV_8U)
        if self.happens(0.2):
            _, coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(self.between(40, 95))])
            image = cv2.imdecode(coded, cv2.IMREAD_COLOR)
        return image

    def erasing(self, image: np.ndarray) -> np.ndarray:
        if not self.happens(0.25):
            return image
        height, width = image.shape[:2]
        area, aspect = self.between(0.01, 0.08), math.exp(self.around(math.log(2.5)))
        across, down = (min(side, max(1, int(side * math.sqrt(share))))
                        for side, share in ((width, area * aspect), (height, area / aspect)))
        left, top = self.random.integers(width - across + 1), self.random.integers(height - down + 1)
        image = np.ascontiguousarray(image)
        image[top:top + down, left:left + across] = self.random.integers(0, 256, 3)
        return image


def hue_turn(degrees: float) -> np.ndarray:
    """Rotation around the grey axis (Rodrigues)."""
    angle = math.radians(degrees)
    side, sine = (1 - math.cos(angle)) / 3, math.sin(angle) / math.sqrt(3)
    turn = np.full((3, 3), side) + math.cos(angle) * np.eye(3)
    return turn + sine * np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]])
