import { addBench } from './bench.ts';
import { addCamera } from './camera.ts';
import { addClassify } from './classify.ts';
import { addDevices } from './devices.ts';
import { addDoctor } from './doctor.ts';
import { addEvaluate } from './evaluate.ts';
import { run } from './run.ts';
import { addServe } from './serve.ts';
import { addTune } from './tune.ts';

// What `resedge bundle` takes along: nothing here may lead to the converter.
await run('A ResNet on this device: classify pictures and what a camera sees.', [
  addClassify,
  addCamera,
  addServe,
  addEvaluate,
  addBench,
  addTune,
  addDevices,
  addDoctor,
]);
