import { addBench } from './bench.ts';
import { addBundle } from './bundle.ts';
import { addCamera } from './camera.ts';
import { addClassify } from './classify.ts';
import { addCompare } from './compare.ts';
import { addConvert } from './convert.ts';
import { addDemo } from './demo.ts';
import { addDevices } from './devices.ts';
import { addDoctor } from './doctor.ts';
import { addEvaluate } from './evaluate.ts';
import { addInspect } from './inspect.ts';
import { addLearn } from './learn.ts';
import { addPage } from './page.ts';
import { addPull } from './pull.ts';
import { run } from './run.ts';
import { addServe } from './serve.ts';
import { addTrain } from './train.ts';
import { addTune } from './tune.ts';

await run('ResNets on edge devices: convert trained weights to INT8 ONNX, and classify pictures with them.', [
  addPull,
  addConvert,
  addTrain,
  addLearn,
  addClassify,
  addEvaluate,
  addCompare,
  addBench,
  addTune,
  addCamera,
  addServe,
  addPage,
  addBundle,
  addInspect,
  addDevices,
  addDoctor,
  addDemo,
]);
