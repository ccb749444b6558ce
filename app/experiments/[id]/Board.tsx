'use client';
/** @file The charts of an experiment, in the order in which they answer its question. */
import { useMemo } from 'react';
import { DepthProfile } from '../../_charts/DepthProfile.tsx';
import { Eigenvalues } from '../../_charts/Eigenvalues.tsx';
import { HeatMap } from '../../_charts/HeatMap.tsx';
import { LayerLines } from '../../_charts/LayerLines.tsx';
import { LineChart } from '../../_charts/LineChart.tsx';
import type { Group } from '../../_charts/runs.ts';

const decays = ['l2', 'decoupledWeightDecay'];

/** Weight decay and weight rescaling stand side by side where there is exactly one group of each. */
function pairOf(groups: readonly Group[]): readonly [string, string] | undefined {
  const decay = groups.filter(({ regularizer }) => decays.includes(regularizer));
  const rescaling = groups.filter(({ regularizer }) => regularizer === 'weightRescaling');
  return decay.length === 1 && rescaling.length === 1 ? [decay[0]!.key, rescaling[0]!.key] : undefined;
}

export function Board({ groups }: { groups: readonly Group[] }) {
  const compare = useMemo(() => pairOf(groups), [groups]);
  const recorded = new Set(groups.flatMap(({ runs }) => runs.flatMap(({ metrics }) => metrics.map(({ name }) => name))));
  // Before the first rows nobody knows what will be recorded: the main charts say what will appear.
  const has = (name: string) => recorded.size === 0 || recorded.has(name);
  const held = ['heldOutAccuracy', 'heldOutLoss'].find(has);
  const byLayer = (['weightNorm', 'effectiveLearningRate'] as const).filter(has);
  // two a row; one that would stand alone takes the row
  const [gradients, curvature] = [has('gradNorm'), has('hessianTop')];
  return (
    <div className="board">
      {has('loss') && <LineChart metric="loss" groups={groups} wide={!held} />}
      {held && <LineChart metric={held} groups={groups} wide={!has('loss')} />}
      {byLayer.map((metric) => (
        <LayerLines key={metric} metric={metric} groups={groups} compare={compare} />
      ))}
      {gradients && <HeatMap metric="gradNorm" groups={groups} />}
      {gradients && <DepthProfile metric="gradNorm" groups={groups} wide={!curvature} />}
      {curvature && <Eigenvalues groups={groups} wide={!gradients} />}
    </div>
  );
}
