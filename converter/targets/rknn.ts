import { CALIBRATION_FILE, LABELS_FILE, labelsText, MODEL_FILE, pixelAffine, README_FILE, readme } from './readme.ts';
import { shellPath } from './shell.ts';
import type { TargetFacts, TargetUsage } from './types.ts';

const SCRIPT = 'convert.py';
const DATASET = 'dataset.txt';
const PLATFORM = 'rk3588';
const COMMANDS = [`python3 ${SCRIPT} ${PLATFORM}`] as const;

/** What RKNN-Toolkit2 needs to quantize and compile the model: a script with its settings, and the pictures that it looks at. */
export function rknnUsage(facts: TargetFacts): TargetUsage {
  const { metadata, output, pictures } = facts;
  const files = [
    { path: SCRIPT, text: script(facts) },
    { path: DATASET, text: pictureNames(pictures).join('') },
    { path: LABELS_FILE, text: labelsText(metadata) },
    { path: README_FILE, text: page(facts) },
  ];
  return { commands: [`cd ${shellPath(output)}`, ...COMMANDS], model: MODEL_FILE, files };
}

/** Lines of the data set: the toolkit reads pictures itself, so that no layout of an array can be mistaken. */
function pictureNames(pictures: number): readonly string[] {
  return Array.from({ length: pictures }, (_, i) => `calibration/${String(i).padStart(5, '0')}.png\n`);
}

function script({ metadata }: TargetFacts): string {
  const { mean, std } = pixelAffine(metadata);
  const swapped = metadata.preprocessing.channels === 'bgr' ? 'True' : 'False';
  return `"""Makes an RKNN model with RKNN-Toolkit2: python3 ${SCRIPT} [platform], ${PLATFORM} unless another is named."""

import os
import sys

import cv2
import numpy
from rknn.api import RKNN

os.chdir(os.path.dirname(os.path.abspath(__file__)))
platform = sys.argv[1] if len(sys.argv) > 1 else "${PLATFORM}"

# OpenCV writes blue, green, red; the array holds red, green, blue.
names = open("${DATASET}").read().split()
os.makedirs("calibration", exist_ok=True)
for name, picture in zip(names, numpy.load("${CALIBRATION_FILE}")):
    if not cv2.imwrite(name, picture[:, :, ::-1]):
        sys.exit(f"{name}: could not be written")


def done(what, code):
    if code != 0:
        sys.exit(f"{what} failed with code {code}")


rknn = RKNN(verbose=False)
done(
    "config",
    rknn.config(
        mean_values=[[${mean.join(', ')}]],
        std_values=[[${std.join(', ')}]],
        quant_img_RGB2BGR=${swapped},
        target_platform=platform,
    )
    or 0,
)
done("load_onnx", rknn.load_onnx(model="${MODEL_FILE}"))
done("build", rknn.build(do_quantization=True, dataset="${DATASET}"))
done("export_rknn", rknn.export_rknn(f"model.{platform}.rknn"))
rknn.release()
`;
}

function page(facts: TargetFacts): string {
  return readme(facts, {
    title: 'A model for RKNN-Toolkit2',
    commands: COMMANDS,
    files: [
      [MODEL_FILE, 'the network in float32, normalised pixels in'],
      [CALIBRATION_FILE, `${facts.pictures} pictures, uint8 [n, height, width, 3], red, green, blue`],
      [DATASET, `the pictures that \`${SCRIPT}\` makes of them, which the toolkit quantizes by`],
      [SCRIPT, 'mean, deviation and channel order as the toolkit takes them, and the calls'],
      [LABELS_FILE, 'one class a line, in the order of the scores'],
    ],
    notes: [
      'Not run with RKNN-Toolkit2: it is checked that ONNX Runtime reads the model and that Python reads the script and the array.',
      'The RKNN model takes pixels from 0 to 255 and normalises them itself.',
      "It was not judged: the toolkit's own `accuracy_analysis` tells what its quantization costs.",
    ],
  });
}
