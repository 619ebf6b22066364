/** The momentum of every parameter that has been stepped, by name. */
export type SgdState = Map<string, Float32Array>;

export type SgdOptions = {
  readonly learningRate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
  /** Whether a parameter decays; norms and biases usually do not. */
  readonly decays: (name: string) => boolean;
  /** A factor on the learning rate of one parameter; 1 for all by default. */
  readonly scale?: (name: string) => number;
};

/**
 * One step of stochastic gradient descent, in place on `parameters` and `state`; the formula is that of torch.optim.SGD without
 * dampening: g += weightDecay p, v = momentum v + g, p -= rate (nesterov ? g + momentum v : v). A parameter's momentum starts as its
 * first gradient. Parameters without a gradient stay.
 */
export function sgdStep(
  parameters: ReadonlyMap<string, Float32Array>,
  gradients: ReadonlyMap<string, Float32Array>,
  state: SgdState,
  { learningRate, momentum, nesterov, weightDecay, decays, scale }: SgdOptions,
): void {
  for (const [name, values] of parameters) {
    const gradient = gradients.get(name);
    if (gradient === undefined) continue;
    let velocity = state.get(name);
    if (velocity === undefined) {
      velocity = new Float32Array(values.length);
      state.set(name, velocity);
    }
    const rate = learningRate * (scale?.(name) ?? 1);
    const decay = decays(name) ? weightDecay : 0;
    // The step along the gradient and along the momentum: one loop for both rules.
    const own = nesterov ? rate : 0;
    const kept = nesterov ? rate * momentum : rate;
    for (let i = 0; i < values.length; i++) {
      const slope = gradient[i]! + decay * values[i]!;
      const moved = momentum * velocity[i]! + slope;
      velocity[i] = moved;
      values[i]! -= own * slope + kept * moved;
    }
  }
}

/** Whether a parameter under torchvision's names decays: weights of convolutions and linear layers, with their two dimensions or more, do. */
export function decaysByShape(dims: readonly number[]): boolean {
  return dims.length > 1;
}
