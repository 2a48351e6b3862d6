#!/usr/bin/env python3
"""The peer of Benchmarks/serving.py in Flask and Keras on TensorFlow: POST /api/v1/predict, multipart field `image`.

Written as one would for production on two cores:
- gunicorn with threads (keep-alive needs them), not Flask's development server.
- `--call model` (what Keras' documentation advises for single images) calls the network itself, inside a
  `tf.function` that is traced once; `--call predict` is `Model.predict`, as most tutorials have it, and much slower.
- Worker processes and TensorFlow's threads are parameters; Benchmarks/serving.py tries several and keeps the fastest.
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from flask import Flask, abort, request
from gunicorn.app.base import BaseApplication

from smear import BadImage, Package


def application(model: Path, threads: int, call: str) -> Flask:
    """One worker's application; called after the fork, as TensorFlow's threads do not survive one."""
    import tensorflow as tf

    import keras_network

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    package = Package(model)
    width, height = package.size
    network = keras_network.load(package.network, width, height)
    traced = tf.function(lambda image: network(image, training=False), reduce_retracing=True)
    infer = {"model": lambda tensor: traced(tf.constant(tensor)).numpy(),
             "predict": lambda tensor: network.predict(tensor, verbose=0)}[call]
    infer(tf.zeros((1, height, width, 3)).numpy())  # traced before the first request
    app = Flask(__name__)

    @app.get("/healthz")
    def health():
        return "ok"

    @app.post("/api/v1/predict")
    def predict():
        if "image" not in request.files:
            abort(400)
        try:
            pixels = package.pixels(request.files["image"].read())
        except BadImage:
            abort(415)
        return package.answer(infer(pixels[None])[0])

    return app


class Server(BaseApplication):
    """gunicorn, set up from here instead of a file."""

    def __init__(self, settings: dict, load):
        self.settings, self.loader = settings, load
        super().__init__()

    def load_config(self) -> None:
        for key, value in self.settings.items():
            self.cfg.set(key, value)

    def load(self) -> Flask:
        return self.loader()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="TensorFlow's threads for one inference")
    parser.add_argument("--call", choices=["model", "predict"], default="model")
    options = parser.parse_args()
    settings = {"bind": f"127.0.0.1:{options.port}", "workers": options.workers, "worker_class": "gthread",
                "threads": 8, "keepalive": 60, "loglevel": "warning", "timeout": 120}
    Server(settings, lambda: application(options.model, options.threads, options.call)).run()


if __name__ == "__main__":
    main()
