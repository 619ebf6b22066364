import { detectContainer } from './detect.ts';
import { findStateDict } from './find-state-dict.ts';
import { readPytorchLegacy } from './pytorch-legacy.ts';
import { type Checkpoint, readPytorchZip } from './pytorch-zip.ts';
import { renameTransformers } from './rename-transformers.ts';
import { readSafetensors, type Safetensors } from './safetensors.ts';
import { looksLikeIndex, type ReadShard, readSharded } from './safetensors-index.ts';
import { stripPrefixes } from './strip-prefixes.ts';
import type { StoredTensor, WeightFormat, Weights } from './types.ts';
import { openView } from './view.ts';

/**
 * The state dict in a weight file: safetensors, or a file of torch.save in its zip or legacy form, recognised by its bytes.
 * Tensor data is not touched until a tensor is read, and `bytes` must not change until then. `read` hands out the shards that an index
 * of safetensors names. Throws ResedgeError: `input` for a file that is damaged, hostile or something else, `unsupported` and `limit` as
 * their names say.
 */
export function readWeights(bytes: Uint8Array, read?: ReadShard): Weights {
  if (read && looksLikeIndex(bytes)) return openSafetensors(readSharded(bytes, read));
  switch (detectContainer(bytes)) {
    case 'safetensors':
      return openSafetensors(readSafetensors(bytes));
    case 'zip':
      return openCheckpoint('pytorch-zip', readPytorchZip(bytes));
    case 'pickle':
      return openCheckpoint('pytorch-legacy', readPytorchLegacy(bytes));
  }
}

function openSafetensors({ tensors, metadata }: Safetensors): Weights {
  return { ...unwrap('safetensors', tensors, []), metadata };
}

function openCheckpoint(format: WeightFormat, { value, bytesOf }: Checkpoint): Weights {
  const { tensors, keys } = findStateDict(value);
  const opened = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) opened.set(name, openView(name, tensor, bytesOf));
  return unwrap(format, opened, keys);
}

function unwrap(format: WeightFormat, named: ReadonlyMap<string, StoredTensor>, keys: readonly string[]): Weights {
  const { tensors, prefixes } = stripPrefixes(named);
  const renamed = renameTransformers(tensors);
  const names = renamed ? ['names of transformers'] : [];
  return { format, tensors: renamed ?? tensors, unwrapped: [...keys, ...prefixes, ...names] };
}
