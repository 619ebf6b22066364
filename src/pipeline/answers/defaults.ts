/** How answers are made steady unless asked otherwise: they hold, without flicker, and are unknown below one half. */
export const STEADY = { smoothMs: 300, threshold: 0.5, hysteresis: 0.1, leadMs: 1000 } as const;
