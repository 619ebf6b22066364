/** What a model can be made for, in a few words for people. */
export const TARGET_SUMMARIES = {
  tensorrt: "NVIDIA's TensorRT",
  openvino: "Intel's OpenVINO",
  qnn: "Qualcomm's NPU by ONNX Runtime",
  rknn: "a folder for Rockchip's RKNN-Toolkit2",
  hailo: "a folder for Hailo's Dataflow Compiler",
  triton: 'a model repository of the Triton server',
  ort: "ONNX Runtime's own format",
} as const;

export type TargetName = keyof typeof TARGET_SUMMARIES;
export const TARGET_NAMES = Object.keys(TARGET_SUMMARIES) as readonly TargetName[];
