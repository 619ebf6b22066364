import { activations } from './activations.ts';
import { budget } from './budget.ts';
import { cost } from './cost.ts';
import type { ReportData } from './data.ts';
import { depth } from './depth.ts';
import { head } from './head.ts';
import { html } from './html.ts';
import { pictures } from './pictures.ts';
import { provenance } from './provenance.ts';
import { steps } from './steps.ts';
import { STYLE } from './style.ts';
import { weights } from './weights.ts';

/** One HTML page about an INT8 conversion: whole in itself, without scripts, the same for the same data. */
export function renderReport(data: ReportData): string {
  const { markup } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${data.metadata.arch} in INT8: conversion report</title>
<style>${{ markup: STYLE }}</style>
</head>
<body>
<main>
${head(data)}
${depth(data)}
${steps(data)}
${budget(data)}
${cost(data)}
${pictures(data)}
${activations(data)}
${weights(data)}
${provenance(data)}
</main>
</body>
</html>
`;
  return markup;
}
