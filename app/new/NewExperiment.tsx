'use client';
/** @file The form of a new experiment, made from the catalog: presets, choices, what varies, cost, and the spec as JSON. */
import { useRouter } from 'next/navigation';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { request, type RequestError } from '../_live/client.ts';
import type { Preset } from '#core/presets.ts';
import { createExperiment } from '../_live/documents.ts';
import { useRequest } from '../_live/hooks.ts';
import { EntryFields, entryKinds } from './EntryFields.tsx';
import { Estimate, type EstimateAnswer } from './Estimate.tsx';
import { FieldInput } from './FieldInput.tsx';
import { GridEditor } from './GridEditor.tsx';
import { SpecText } from './SpecText.tsx';
import { prefillOf, type Prefill } from './link.ts';
import { completed, kindOf, runFields, valueAt, withValue, type Axis, type CatalogEntry, type Draft, type Issue } from './draft.ts';

const catalogQuery = '{ catalog { kind name title formula about source fields } }';
const checkQuery = 'query ($spec: JSON!, $grid: JSON) { validateSpec(spec: $spec, grid: $grid) { ok issues { path message } spec runs } }';
const estimateQuery = 'query ($spec: JSON!, $grid: JSON) { estimate(spec: $spec, grid: $grid) { runs seconds parameters bytes detail } }';
const waitMs = 250; // a person types faster than an estimate is worth

interface Check {
  readonly ok: boolean;
  readonly issues: readonly Issue[];
  readonly spec: Draft | null;
  readonly runs: number;
}

/** `presets`: with the page, so that it does not move when they come. */
export function NewExperiment({ presets }: { presets: readonly Preset[] }) {
  const router = useRouter();
  const catalog = useRequest<{ catalog: CatalogEntry[] }>(catalogQuery);
  const [title, setTitle] = useState('');
  const [question, setQuestion] = useState('');
  const [draft, setDraft] = useState<Draft>({});
  const [defaults, setDefaults] = useState<Draft>({});
  /** Why the JSON that is typed cannot be read: the draft is then not what one sees. */
  const [unread, setUnread] = useState<string | null>(null);
  const [grid, setGrid] = useState<Axis[]>([{ path: 'seed', values: [1, 2, 3] }]);
  const unreadAxis = grid.find((axis) => axis.unread)?.path;
  const [check, setCheck] = useState<Check | null>(null);
  const [estimate, setEstimate] = useState<EstimateAnswer | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const [switched, setSwitched] = useState<string | null>(null);

  const fill = useCallback((prefill: Prefill) => {
    setTitle(prefill.title ?? '');
    setQuestion(prefill.question ?? '');
    setGrid([...(prefill.grid ?? [])]);
    setSwitched(null);
    void Promise.all([request<{ validateSpec: Check }>(checkQuery, { spec: {} }), request<{ catalog: CatalogEntry[] }>(catalogQuery)]).then(
      ([{ validateSpec }, { catalog: entries }]) => {
        setDefaults(validateSpec.spec ?? {});
        setDraft(completed(prefill.spec, validateSpec.spec ?? {}, entries));
      },
      (error: RequestError) => setFault(error.message),
    );
  }, []);
  useEffect(() => {
    const read = () => {
      const prefill = prefillOf(window.location.hash);
      if (prefill) fill(prefill);
    };
    read();
    window.addEventListener('hashchange', read); // a link followed while the form is open
    return () => window.removeEventListener('hashchange', read);
  }, [fill]);

  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      void judge({ spec: draft, grid: readable(grid) }, abort.signal).then(
        ({ checked, estimated }) => {
          setCheck(checked);
          setEstimate(estimated);
          setFault(null);
          // the first answer fills the form with every default
          if (Object.keys(draft).length === 0 && checked.spec) {
            setDefaults(checked.spec);
            setDraft(checked.spec);
          }
        },
        (error: Error) => !abort.signal.aborted && setFault(error.message),
      );
    }, waitMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [draft, grid]);

  /** Cards come with their entries and values, all at once: none grows under a hand. */
  const filled = catalog.data !== null && Object.keys(draft).length > 0;
  const issues = check?.issues ?? [];
  /** JSON may leave out what is usual; the form shows all that a run would be. */
  const shown = useMemo(() => completed(draft, defaults, catalog.data?.catalog ?? []), [draft, defaults, catalog.data]);
  const paths = useMemo(() => sweepable(shown, catalog.data?.catalog ?? []), [shown, catalog.data]);
  /** Labels want another loss than values do; the form follows the data and says so. */
  const change = (next: Draft) => {
    setDraft(next);
    setSwitched(null);
    const dataset = kindOf(next.dataset);
    if (dataset === kindOf(draft.dataset)) return;
    void import('#core/catalog.ts').then(({ entry }) => {
      const { targets } = entry('dataset', dataset);
      const loss = entry('loss', kindOf(next.loss) || 'softmaxCrossEntropy').targets;
      if (loss === 'either' || loss === targets) return;
      const kind = targets === 'values' ? 'meanSquaredError' : 'softmaxCrossEntropy';
      setDraft((now) => ({ ...now, loss: { kind } }));
      setSwitched(`The loss is ${entry('loss', kind).card.title.toLowerCase()} now: these data have ${targets}.`);
    }, console.error);
  };
  const create = () => {
    setSending(true);
    request<{ createExperiment: { id: string } }>(createExperiment, {
      input: { title: title.trim(), question: question.trim(), spec: draft, grid: readable(grid) },
    }).then(
      ({ createExperiment: { id } }) => router.push(`/experiments/${id}`),
      (error: RequestError) => {
        setSending(false);
        setFault(error.message);
        if (error.issues.length > 0) setCheck({ ok: false, issues: error.issues, spec: null, runs: 0 });
      },
    );
  };
  const elsewhere = issues.filter(
    ({ path }) => path === '' || (!paths.some((known) => path === known || path.startsWith(`${known}.`)) && !path.startsWith('grid')),
  );

  return (
    <>
      <div className="stack" style={{ gap: 8 }}>
        <h1>New experiment</h1>
        <div className="row starts" role="group" aria-label="Presets">
          <span className="muted small">Start from</span>
          {presets.map((preset) => (
            <button key={preset.name} onClick={() => fill({ ...preset, grid: preset.grid ?? [] })}>
              {preset.title}
            </button>
          ))}
        </div>
      </div>
      <div className="form-grid">
        <form className="stack" style={{ gap: 16 }} onSubmit={(event) => event.preventDefault()}>
          <div className="card stack">
            <label className="field">
              Title
              <input value={title} maxLength={200} onChange={(event) => setTitle(event.target.value)} />
            </label>
            <label className="field">
              Question
              <textarea
                rows={2}
                value={question}
                maxLength={4000}
                onChange={(event) => setQuestion(event.target.value)}
                placeholder="What do you want to know?"
              />
            </label>
          </div>
          <GridEditor grid={grid} paths={paths} issues={issues} onChange={setGrid} />
          {catalog.error && <p className="fault">{catalog.error.message}</p>}
          {filled &&
            entryKinds.map((kind) => (
              <EntryFields
                key={kind}
                kind={kind}
                entries={catalog.data?.catalog.filter((entry) => entry.kind === kind) ?? []}
                draft={shown}
                issues={issues}
                note={kind === 'loss' ? switched : null}
                onChange={change}
              />
            ))}
          {filled &&
            Object.entries(runFields).map(([heading, fields]) => (
              <fieldset key={heading} className="card stack" style={{ margin: 0 }}>
                <h2>{heading}</h2>
                <div className="fields">
                  {fields.map(({ path, field }) => (
                    <FieldInput
                      key={path}
                      path={path}
                      field={field}
                      value={valueAt(shown, path)}
                      issues={issues}
                      onChange={(value) => setDraft(withValue(shown, path, value))}
                    />
                  ))}
                </div>
              </fieldset>
            ))}
        </form>
        <aside className="stack form-side">
          <Estimate estimate={estimate} ok={check?.ok ?? false} issues={issues} />
          {elsewhere.map(({ path, message }) => (
            <p key={path + message} className="fault" role="alert">
              {path || 'spec'}: {message}
            </p>
          ))}
          {fault && <p className="fault">{fault}</p>}
          <div className="row form-start">
            <button
              className="primary"
              disabled={!check?.ok || unread !== null || unreadAxis !== undefined || title.trim() === '' || sending}
              onClick={create}
            >
              {check?.ok ? `Start ${check.runs === 1 ? '1 run' : `${check.runs} runs`}` : 'Start'}
            </button>
            <span className="muted small">
              {unread !== null
                ? 'The JSON below cannot be read yet.'
                : unreadAxis !== undefined
                  ? `The values of ${unreadAxis} cannot be read yet.`
                  : title.trim() === '' && 'A title is needed.'}
            </span>
          </div>
          <SpecText draft={draft} onChange={setDraft} fault={unread} onFault={setUnread} />
        </aside>
      </div>
    </>
  );
}

/** As the server knows it. */
const readable = (grid: readonly Axis[]): Axis[] => grid.map(({ path, values }) => ({ path, values }));

/** Validity first; the cost only of what is valid. */
async function judge(
  variables: { spec: Draft; grid: Axis[] },
  signal: AbortSignal,
): Promise<{ checked: Check; estimated: EstimateAnswer | null }> {
  const { validateSpec: checked } = await request<{ validateSpec: Check }>(checkQuery, variables, signal);
  if (!checked.ok) return { checked, estimated: null };
  const { estimate } = await request<{ estimate: EstimateAnswer }>(estimateQuery, variables, signal);
  return { checked, estimated: estimate };
}

/** Fields a sweep can vary: every choice, its options, and the plain fields. */
function sweepable(draft: Draft, catalog: readonly CatalogEntry[]): string[] {
  const ofKinds = entryKinds.flatMap((kind) => {
    const name = (draft[kind] as Draft | undefined)?.kind;
    const fields = catalog.find((entry) => entry.kind === kind && entry.name === name)?.fields ?? {};
    return [kind, ...Object.keys(fields).map((field) => `${kind}.${field}`)];
  });
  return [
    'seed',
    ...ofKinds,
    ...Object.values(runFields).flatMap((fields) => fields.map(({ path }) => path).filter((path) => path !== 'seed')),
  ];
}
