#!/usr/bin/env python3
"""Checks an ONNX file with the ONNX checker and runs it in OpenVINO.

    PYTHONPATH=.deps/python python3 Scripts/check_onnx.py MODEL.onnx INPUT.safetensors OUTPUT.safetensors

INPUT holds `image` [N, C, H, W]; OUTPUT gets the model's results by name, computed in 32 bits. Standard output is a
JSON object with the operator set, the operators, the inferred shapes of the outputs and the metadata.
"""

import json
import sys

import onnx
import openvino
from safetensors.numpy import load_file, save_file


def dimensions(value):
    return [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim]


def main(model_path, input_path, output_path):
    model = onnx.load(model_path)
    onnx.checker.check_model(model, full_check=True)
    declared = {value.name: dimensions(value) for value in model.graph.value_info}
    del model.graph.value_info[:]
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    for value in inferred.graph.value_info:
        if value.name in declared and declared[value.name] != dimensions(value):
            sys.exit(f"{value.name} is declared as {declared[value.name]}, inferred as {dimensions(value)}")

    core = openvino.Core()
    compiled = core.compile_model(core.read_model(model_path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    results = compiled({"image": load_file(input_path)["image"]})
    save_file({output.get_any_name(): results[output] for output in compiled.outputs}, output_path)
    facts = {
        "opset": model.opset_import[0].version,
        "operators": sorted({node.op_type for node in model.graph.node}),
        "outputs": {value.name: dimensions(value) for value in inferred.graph.output},
        "metadata": {item.key: item.value for item in model.metadata_props},
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    main(*sys.argv[1:])
