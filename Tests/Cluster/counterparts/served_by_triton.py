"""A model of Triton's Python backend that serves the network of a model package; a parameter of its settings names the package."""

import json
import os
import sys

# The backend starts Python without looking at the variable.
sys.path[:0] = os.environ["PYTHONPATH"].split(os.pathsep)

import triton_python_backend_utils as triton  # noqa: E402

from served_network import ServedNetwork  # noqa: E402


class TritonPythonModel:
    def initialize(self, arguments):
        settings = json.loads(arguments["model_config"])
        self.network = ServedNetwork(settings["parameters"]["package"]["string_value"])

    def execute(self, requests):
        responses = []
        for request in requests:
            answers = self.network.answer(triton.get_input_tensor_by_name(request, self.network.input[0]).as_numpy())
            wanted = request.requested_output_names()
            responses.append(triton.InferenceResponse([triton.Tensor(name, answers[name]) for name in wanted]))
        return responses
