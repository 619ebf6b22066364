import { quoted, shellPath, withExtension } from './shell.ts';
import type { TargetFacts, TargetUsage } from './types.ts';

/** Pictures that an engine of a model of any batch is built for: the least, the usual and the most. */
const ENGINE_BATCHES = { min: 1, opt: 8, max: 32 } as const;

/** Builds an engine, which fits the GPU and the TensorRT that built it. */
export function tensorrtUsage({ output, input }: TargetFacts): TargetUsage {
  const [batch, ...picture] = input.dims;
  const shapes = Object.entries(ENGINE_BATCHES).map(
    ([name, count]) => `--${name}Shapes=${input.name}:${[count, ...picture].join('x')}`,
  );
  const engine = withExtension(output, 'engine');
  const parts = [
    `trtexec --onnx=${shellPath(output)} --saveEngine=${shellPath(engine)} --stronglyTyped`,
    ...(typeof batch === 'number' ? [] : shapes),
  ];
  return { commands: [parts.join(' ')], files: [] };
}

/** Times the model on a device of OpenVINO's. */
export function openvinoUsage({ output, input }: TargetFacts): TargetUsage {
  const [batch, ...picture] = input.dims;
  const shape = typeof batch === 'number' ? '' : ` -shape "[${[1, ...picture].join(',')}]"`;
  return { commands: [`benchmark_app -m ${shellPath(output)} -d CPU -hint latency${shape}`], files: [] };
}

/** Opens the model on a Qualcomm NPU, in Python. */
export function qnnUsage({ output }: TargetFacts): TargetUsage {
  const provider = `("QNNExecutionProvider", {"backend_path": "libQnnHtp.so"})`;
  return {
    commands: [
      `python3 -c 'import onnxruntime; print(onnxruntime.InferenceSession(${quoted(output)}, providers=[${provider}]).get_providers())'`,
    ],
    files: [],
  };
}

/** Opens the file with the npm package, whose interface is the same in Node.js and browsers. */
export function ortUsage({ output }: TargetFacts): TargetUsage {
  return {
    commands: [
      `node -e 'require("onnxruntime-node").InferenceSession.create(${quoted(output)}).then((s) => console.log(s.inputNames))'`,
    ],
    files: [],
  };
}
