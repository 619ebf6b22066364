import { activations } from './activations.ts';
import { budget } from './budget.ts';
import { cost } from './cost.ts';
import type { ReportData } from './data.ts';
import { depth } from './depth.ts';
import { head } from './head.ts';
import { html, page } from './html.ts';
import { pictures } from './pictures.ts';
import { provenance } from './provenance.ts';
import { steps } from './steps.ts';
import { STYLE } from './style.ts';
import { weights } from './weights.ts';

/** One HTML page about an INT8 conversion: whole in itself, without scripts, the same for the same data. */
export function renderReport(data: ReportData): string {
  return page(
    `${data.metadata.arch} in INT8: conversion report`,
    STYLE,
    html`${head(data)}
${depth(data)}
${steps(data)}
${budget(data)}
${cost(data)}
${pictures(data)}
${activations(data)}
${weights(data)}
${provenance(data)}`,
  );
}
