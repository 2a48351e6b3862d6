"""The network of a model package, as a server of tensors runs it: OpenVINO, batches of any size, stages as outputs."""

import json
from pathlib import Path

import numpy
import openvino


class ServedNetwork:
    """A package's network with the outputs that its `model.json` names."""

    def __init__(self, package: str, left_out: tuple = (), noise: float = 0):
        """`left_out`: outputs that are not given; `noise`: changes the weights by so large a share, for another network."""
        description = json.loads((Path(package) / "model.json").read_text())
        outputs, side = description["outputs"], description["input"]
        network = openvino.Core().read_model(Path(package) / "model.onnx")
        stages = {stage["tensor"]: [stage["channels"], stage["height"], stage["width"]] for stage in outputs.get("stages", [])}
        self.input = (side["name"], [3, side["height"], side["width"]])
        size = outputs["embeddingSize"]
        self.outputs = {outputs["logits"]: [len(description["classes"])], outputs["embedding"]: [size],
                        outputs["featureMap"]: [size, outputs["featureMapHeight"], outputs["featureMapWidth"]], **stages}
        present = {name for output in network.outputs for name in output.get_names()}
        network.add_outputs([name for name in stages if name not in present])
        if noise:
            self._disturb(network, noise)
        for name in left_out:
            del self.outputs[name]
        self._compiled = openvino.compile_model(network, "CPU", {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"})
        self._request = self._compiled.create_infer_request()

    @staticmethod
    def _disturb(network, noise: float) -> None:
        source = numpy.random.default_rng(7)
        for node in network.get_ops():
            if node.get_type_name() == "Constant" and node.get_element_type() == openvino.Type.f32 and node.data.size > 1000:
                values = node.data * (1 + noise * source.standard_normal(node.data.shape)).astype(numpy.float32)
                changed = openvino.opset13.constant(values)
                for target in node.output(0).get_target_inputs():
                    target.replace_source_output(changed.output(0))

    def answer(self, images: numpy.ndarray) -> dict:
        """The outputs for `[n, 3, height, width]`, by their names."""
        self._request.infer({self.input[0]: images})
        return {name: self._request.get_tensor(name).data.copy() for name in self.outputs}
