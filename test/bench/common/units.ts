/** How figures are written, one function for each unit. */
export const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} ms`;
export const seconds = (value: number): string => `${value.toFixed(2)} s`;
export const times = (value: number): string => `${value.toFixed(2)}x`;
export const fineTimes = (value: number): string => `${value.toFixed(3)}x`;
export const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
export const decibels = (value: number): string => `${value.toFixed(2)} dB`;
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 0)} MB`;
export const perSecond = (value: number): string => `${value.toFixed(0)}/s`;
