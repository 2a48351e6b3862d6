"""A runtime of MLServer that serves the network of a model package; its settings name the package."""

from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse, MetadataTensor

from served_network import ServedNetwork


class PackageRuntime(MLModel):
    async def load(self) -> bool:
        extra = self.settings.parameters.extra or {}
        self.network = ServedNetwork(extra["package"], tuple(extra.get("left_out", ())), extra.get("noise", 0))
        name, shape = self.network.input
        self.inputs = [MetadataTensor(name=name, datatype="FP32", shape=[-1, *shape])]
        self.outputs = [MetadataTensor(name=name, datatype="FP32", shape=[-1, *shape]) for name, shape in self.network.outputs.items()]
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        answers = self.network.answer(NumpyCodec.decode_input(payload.inputs[0]))
        wanted = [output.name for output in payload.outputs] if payload.outputs else list(answers)
        return InferenceResponse(
            id=payload.id, model_name=self.name, model_version=self.version,
            outputs=[NumpyCodec.encode_output(name, answers[name]) for name in wanted])
