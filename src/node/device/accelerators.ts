import type { AcceleratorName, ProviderName } from '../../device/profile.ts';
import type { Tree } from './tree.ts';

/** An accelerator that the machine shows, and what can be done with it here. */
export type SeenAccelerator = {
  readonly id: AcceleratorName;
  readonly name: string;
  /** The device node, or the USB device. */
  readonly at: string;
  /** Its library, where one lies in a usual folder; searched for only by {@link findLibraries}. */
  readonly libraries: readonly string[];
  /** Providers that use it; none where ONNX Runtime for JavaScript has no provider for it. */
  readonly usedBy: readonly ProviderName[];
};

type Known = {
  readonly id: AcceleratorName;
  readonly name: string;
  readonly usedBy: readonly ProviderName[];
  /** The kernel's names of it in /dev, or below. */
  readonly nodes: RegExp;
  /** USB vendor and product. */
  readonly usb?: readonly string[];
  readonly libraries: RegExp;
};

const KNOWN: readonly Known[] = [
  {
    id: 'nvidia',
    name: 'NVIDIA GPU',
    usedBy: ['tensorrt', 'cuda'],
    nodes: /^(nvidia\d+|nvhost-(ctrl-)?gpu)$/,
    libraries: /^(libcuda|libcudart|libcudnn|libnvinfer)\.so/,
  },
  { id: 'rockchip-npu', name: 'Rockchip NPU', usedBy: [], nodes: /^rknpu$/, libraries: /^librknnrt\.so/ },
  { id: 'hailo', name: 'Hailo NPU', usedBy: [], nodes: /^hailo\d+$/, libraries: /^libhailort\.so/ },
  {
    id: 'edge-tpu',
    name: 'Coral Edge TPU',
    usedBy: [],
    nodes: /^apex_\d+$/,
    // Before and after its firmware is loaded.
    usb: ['1a6e:089a', '18d1:9302'],
    libraries: /^libedgetpu\.so/,
  },
  { id: 'npu', name: 'NPU', usedBy: [], nodes: /^accel\/accel\d+$/, libraries: /^(libze_intel_vpu|libxrt_core)\.so/ },
];

/** Render nodes whose driver is that of an accelerator above. */
const DRIVER_IDS: Readonly<Record<string, AcceleratorName>> = { RKNPU: 'rockchip-npu', nvidia: 'nvidia' };

/** Render nodes that only show a screen, such as those of virtual machines. */
const NO_GPU = ['virtio-pci', 'bochs-drm', 'simple-framebuffer'];

const SUBFOLDERS = ['accel', 'dri'];

/** Folders that hold shared libraries, for either architecture. */
const LIBRARY_FOLDERS = [
  ...['usr/lib/x86_64-linux-gnu', 'usr/lib/aarch64-linux-gnu'],
  ...['usr/lib/aarch64-linux-gnu/tegra', 'usr/lib/aarch64-linux-gnu/nvidia', 'usr/lib/wsl/lib'],
  ...['usr/local/cuda/lib64', 'usr/local/lib', 'usr/lib64', 'usr/lib'],
];

function nodesOf(tree: Tree): readonly string[] {
  const top = tree.list('dev');
  const below = SUBFOLDERS.filter((folder) => top.includes(folder));
  return [...top, ...below.flatMap((folder) => tree.list(`dev/${folder}`).map((name) => `${folder}/${name}`))];
}

function usbDevices(tree: Tree): readonly string[] {
  const folder = 'sys/bus/usb/devices';
  return tree.list(folder).flatMap((device) => {
    const [vendor, product] = ['idVendor', 'idProduct'].map((file) => tree.read(`${folder}/${device}/${file}`)?.trim());
    return vendor && product ? [`${vendor}:${product}`] : [];
  });
}

function driverOf(tree: Tree, render: string): string | undefined {
  return /^DRIVER=(.+)$/m.exec(tree.read(`sys/class/drm/${render}/device/uevent`) ?? '')?.[1];
}

/** A render node: an accelerator named above by its driver, or a GPU, which WebGPU may use. */
function renderNode(tree: Tree, node: string): SeenAccelerator | undefined {
  const driver = driverOf(tree, node.slice('dri/'.length));
  if (driver !== undefined && NO_GPU.includes(driver)) return undefined;
  const known = KNOWN.find(({ id }) => id === DRIVER_IDS[driver ?? '']);
  const at = `/dev/${node}`;
  if (known !== undefined) return { id: known.id, name: known.name, at, libraries: [], usedBy: known.usedBy };
  const name = driver === undefined ? 'GPU' : `GPU (${driver})`;
  return { id: 'gpu', name, at, libraries: [], usedBy: ['webgpu'] };
}

/** The accelerators whose nodes or USB devices are there: each once, by its first node. Opens and loads nothing. */
export function seeAccelerators(tree: Tree): readonly SeenAccelerator[] {
  const nodes = nodesOf(tree);
  const usb = usbDevices(tree);
  const seen = KNOWN.flatMap(({ id, name, usedBy, nodes: pattern, usb: ids }): readonly SeenAccelerator[] => {
    const node = nodes.find((path) => pattern.test(path));
    const device = usb.find((one) => ids?.includes(one));
    const at = node !== undefined ? `/dev/${node}` : device !== undefined ? `USB ${device}` : undefined;
    return at === undefined ? [] : [{ id, name, at, libraries: [], usedBy }];
  });
  const rendering = nodes.filter((path) => /^dri\/renderD\d+$/.test(path)).map((path) => renderNode(tree, path));
  for (const one of rendering) {
    if (one !== undefined && !seen.some(({ id }) => id === one.id)) seen.push(one);
  }
  return seen;
}

/** The same with the libraries that lie in the usual folders, by file name. */
export function findLibraries(tree: Tree, seen: readonly SeenAccelerator[]): readonly SeenAccelerator[] {
  if (seen.length === 0) return seen;
  const files = [...new Set(LIBRARY_FOLDERS.flatMap((folder) => tree.list(folder)))];
  return seen.map((one) => {
    const pattern = KNOWN.find(({ id }) => id === one.id)?.libraries;
    return { ...one, libraries: files.filter((file) => pattern?.test(file)) };
  });
}
