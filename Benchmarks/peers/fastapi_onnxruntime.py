#!/usr/bin/env python3
"""The peer of Benchmarks/serving.py in FastAPI and ONNX Runtime: POST /api/v1/predict, multipart field `image`.

Written as one would for production on two cores:
- uvicorn on uvloop and httptools, access log off.
- The endpoint is a plain `def`: FastAPI runs it on its thread pool, so that decoding and inference, which release the
  interpreter's lock, do not hold up the event loop.
- ONNX Runtime with all graph optimisations and only the output that is used. Threads an inference and worker processes
  are parameters; Benchmarks/serving.py tries several and keeps the fastest.
"""

import argparse
import os
from pathlib import Path

import onnxruntime
import uvicorn
from fastapi import FastAPI, HTTPException, UploadFile

from smear import BadImage, Package


def application() -> FastAPI:
    """One worker's application; its settings come through the environment, as uvicorn's workers are processes."""
    package = Package(Path(os.environ["PEER_MODEL"]))
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.intra_op_num_threads = int(os.environ["PEER_THREADS"])
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(package.network, options, providers=["CPUExecutionProvider"])
    app = FastAPI()

    @app.get("/healthz")
    def health() -> str:
        return "ok"

    @app.post("/api/v1/predict")
    def predict(image: UploadFile) -> dict:
        try:
            pixels = package.pixels(image.file.read())
        except BadImage as error:
            raise HTTPException(415, str(error)) from error
        tensor = pixels.transpose(2, 0, 1)[None].copy()
        return package.answer(session.run(["logits"], {"image": tensor})[0][0])

    return app


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    os.environ.update(PEER_MODEL=str(options.model), PEER_THREADS=str(options.threads))
    uvicorn.run("fastapi_onnxruntime:application", factory=True, host="127.0.0.1", port=options.port,
                workers=options.workers, loop="uvloop", http="httptools", access_log=False, log_level="warning",
                app_dir=str(Path(__file__).parent))


if __name__ == "__main__":
    main()
