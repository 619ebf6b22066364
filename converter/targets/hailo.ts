import { CALIBRATION_FILE, LABELS_FILE, labelsText, MODEL_FILE, pixelAffine, README_FILE, readme } from './readme.ts';
import { shellPath } from './shell.ts';
import type { TargetFacts, TargetUsage } from './types.ts';

const SCRIPT = 'model.alls';
const CHIP = 'hailo8';
/** Pictures that the compiler's better optimization levels look at; with fewer it takes a lower level. */
const ENOUGH = 1024;

const COMMANDS = [
  `hailo parser onnx ${MODEL_FILE} --hw-arch ${CHIP} --har-path model.har -y`,
  `hailo optimize model.har --hw-arch ${CHIP} --calib-set-path ${CALIBRATION_FILE} --model-script ${SCRIPT} --output-har-path model_optimized.har`,
  `hailo compiler model_optimized.har --hw-arch ${CHIP}`,
] as const;

/** What Hailo's Dataflow Compiler needs: the model, a model script that normalises on the chip, and the pictures. */
export function hailoUsage(facts: TargetFacts): TargetUsage {
  const { metadata, output } = facts;
  const { mean, std } = pixelAffine(metadata);
  return {
    commands: [`cd ${shellPath(output)}`, ...COMMANDS],
    model: MODEL_FILE,
    files: [
      { path: SCRIPT, text: `normalization1 = normalization([${mean.join(', ')}], [${std.join(', ')}])\n` },
      { path: LABELS_FILE, text: labelsText(metadata) },
      { path: README_FILE, text: page(facts) },
    ],
  };
}

function page(facts: TargetFacts): string {
  const { pictures } = facts;
  return readme(facts, {
    title: "A model for Hailo's Dataflow Compiler",
    commands: COMMANDS,
    files: [
      [MODEL_FILE, 'the network in float32, normalised pixels in'],
      [SCRIPT, 'the model script: normalisation on the chip, so that it takes pixels from 0 to 255'],
      [CALIBRATION_FILE, `${pictures} pictures, uint8 [n, height, width, 3], in the channel order of the model`],
      [LABELS_FILE, 'one class a line, in the order of the scores'],
    ],
    notes: [
      "Not run with Hailo's tools: it is checked that ONNX Runtime reads the model and NumPy the array.",
      `\`--hw-arch\` names the chip: ${CHIP} here, hailo8l for a Raspberry Pi AI Kit.`,
      ...(pictures < ENOUGH
        ? [
            `The compiler's higher optimization levels want ${ENOUGH} pictures; \`resedge convert --samples ${ENOUGH}\`.`,
          ]
        : []),
    ],
  });
}
