/**
 * CUDA's major version in the files that onnxruntime-node's install script brings (script/install-metadata.js, manifest cuda12). What
 * exactly they need stands in the files themselves.
 */
const CUDA_MAJOR = 12;

/** Packages of the Python index that hold NVIDIA's libraries for x64, by how a library's name begins. */
const PACKAGES: readonly (readonly [string, string])[] = [
  ['libcudart', `nvidia-cuda-runtime-cu${CUDA_MAJOR}`],
  ['libcudnn', `nvidia-cudnn-cu${CUDA_MAJOR}`],
  ['libcublas', `nvidia-cublas-cu${CUDA_MAJOR}`],
  ['libcufft', `nvidia-cufft-cu${CUDA_MAJOR}`],
  ['libcurand', `nvidia-curand-cu${CUDA_MAJOR}`],
  ['libcusparse', `nvidia-cusparse-cu${CUDA_MAJOR}`],
  ['libcusolver', `nvidia-cusolver-cu${CUDA_MAJOR}`],
  ['libnvrtc', `nvidia-cuda-nvrtc-cu${CUDA_MAJOR}`],
  ['libnvJitLink', `nvidia-nvjitlink-cu${CUDA_MAJOR}`],
  ['libnvinfer', `'tensorrt-cu${CUDA_MAJOR}-libs==10.*'`],
  ['libnvonnxparser', `'tensorrt-cu${CUDA_MAJOR}-libs==10.*'`],
];

/** Brings the provider libraries that the npm package is too small for. */
export function mendProvider(arch: string = process.arch): string {
  return arch === 'x64'
    ? `ONNXRUNTIME_NODE_INSTALL=cuda${CUDA_MAJOR} npm rebuild onnxruntime-node`
    : 'npm brings them for x64 alone; build ONNX Runtime with --build_nodejs --use_cuda --use_tensorrt and name the folder of its binding in RESEDGE_ORT_DIR';
}

/** Brings one of NVIDIA's libraries. */
export function mendLibrary(name: string, arch: string = process.arch): string {
  if (arch !== 'x64') return 'sudo apt-get install nvidia-jetpack';
  const found = PACKAGES.find(([start]) => name.startsWith(start))?.[1];
  if (found === undefined) return 'install the CUDA toolkit 12 and cuDNN 9';
  const variable = found.includes('tensorrt')
    ? 'RESEDGE_TENSORRT_DIR=$PWD/nvidia'
    : 'RESEDGE_CUDA_DIR=$PWD/nvidia/nvidia';
  return `pip install --target nvidia ${found} and set ${variable}`;
}
