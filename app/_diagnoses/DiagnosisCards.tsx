'use client';
/** @file The diagnoses of a run as cards: what, where, when, how it is known, what to try. */
import Link from 'next/link';
import type { Status } from '#core/protocol.ts';
import './diagnoses.css';
import { runsOf, writeHighlight, type Highlight } from '../_charts/evidence.ts';
import { mayGrow } from '../_charts/runs.ts';
import { useView } from '../_charts/view.tsx';
import { Words } from '../_ui/Words.tsx';
import { newExperimentLink } from '../new/link.ts';
import { Severity } from './Severity.tsx';
import { useDiagnoses, type Diagnosed } from './useDiagnoses.ts';

const sentence = (words: string) => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
const steps = ({ fromStep, toStep }: Diagnosed) =>
  fromStep === toStep
    ? `step ${fromStep.toLocaleString('en')}`
    : `steps ${fromStep.toLocaleString('en')} to ${toStep.toLocaleString('en')}`;

/** Neighbours as one range: layer2 to layer5, layer9. */
function layersOf(layers: readonly number[], names: readonly string[]): string {
  const name = (at: number) => names[at] ?? `layer ${at + 1}`;
  return runsOf(layers)
    .map(([low, high]) => (low === high ? name(low) : `${name(low)} to ${name(high)}`))
    .join(', ');
}

export interface DiagnosedRun {
  readonly id: string;
  readonly label: string;
  readonly status: Status;
  readonly step: number;
  readonly layers: readonly { readonly name: string }[] | null;
}

export function DiagnosisCards({ run }: { run: DiagnosedRun }) {
  const found = useDiagnoses(run.id, `${run.status} ${run.step}`);
  return (
    <section className="stack" aria-label="Diagnoses">
      <div className="row between">
        <h2>Diagnoses</h2>
        <Link className="small" href="/catalog/diagnosis">
          All that is looked for, and how often it is right
        </Link>
      </div>
      {found?.length === 0 && (
        <p className="muted small">None of the rules holds for what this run has recorded{mayGrow(run) && ' so far'}.</p>
      )}
      {!found && (
        <p className="muted small diagnoses-awaited" role="status">
          Reading what was recorded
        </p>
      )}
      <div className="diagnoses">
        {found?.map((each) => (
          <Card key={each.name} found={each} run={run} />
        ))}
      </div>
    </section>
  );
}

function Card({ found, run }: { found: Diagnosed; run: DiagnosedRun }) {
  const { view, change } = useView();
  const { name, title, severity, words, layers, fromStep, toStep, metrics, paper, source, remedies } = found;
  const highlight: Highlight = { steps: [fromStep, toStep], layers: [...layers].sort((a, b) => a - b) };
  const shown = view.highlight !== null && writeHighlight(view.highlight) === writeHighlight(highlight);
  const show = () => {
    if (shown) return change({ highlight: null });
    // with as much again on both sides, so that one sees what it stands out from
    const around = toStep - fromStep;
    const whole = 2 * around >= run.step;
    change({
      range: around === 0 || whole ? null : [Math.max(0, fromStep - around), Math.min(run.step, toStep + around)],
      follow: false,
      step: fromStep,
      highlight,
    });
    const charts = metrics.flatMap((metric) => [
      `chart-${metric}-map`,
      `chart-${metric}-depth`,
      `chart-${metric}-layers`,
      `chart-${metric}`,
    ]);
    const chart = charts.map((id) => document.getElementById(id)).find(Boolean);
    chart?.focus({ preventScroll: true });
    chart?.scrollIntoView({ block: 'center' });
  };
  return (
    <article className="card stack" data-testid={`diagnosis-${name}`} aria-label={title}>
      <div className="row between">
        <h3>
          <Link href={`/catalog/diagnosis/${name}`}>{title}</Link>
        </h3>
        <Severity severity={severity} />
      </div>
      <p>
        <Words>{sentence(words)}</Words>
      </p>
      <p className="small">
        {layers.length > 0 && <span className="muted">{layersOf(layers, run.layers?.map((layer) => layer.name) ?? [])}; </span>}
        <button type="button" className="linkish" aria-pressed={shown} onClick={show}>
          {shown ? `showing ${steps(found)}: clear` : `show ${steps(found)} in the charts`}
        </button>
      </p>
      {remedies.length > 0 && (
        <div className="small">
          <h4>To try</h4>
          <ul>
            {remedies.map((remedy) => (
              <li key={remedy.words}>
                <Words>{remedy.words}</Words>{' '}
                <Link
                  href={newExperimentLink({
                    spec: remedy.spec,
                    title: `${run.label || 'Run'}: ${title.toLowerCase()}`,
                    question: `Does it help: ${remedy.words}?`,
                  })}
                >
                  try it
                </Link>
              </li>
            ))}
          </ul>
        </div>
      )}
      <p className="small muted">{paper ? <Link href={`/papers/${paper}`}>{source}</Link> : source}</p>
    </article>
  );
}
