'use client';
/** @file The page of a question: a JSON text and files of weights in, the answer as charts, numbers and JSON out; faults stand under their field. */
import { useState, type DragEvent } from 'react';
import { request, type RequestError } from '../_live/client.ts';
import { inText } from '../_charts/runs.ts';
import { ViewProvider } from '../_charts/view.tsx';
import '../_charts/charts.css';
import './inspect.css';
import { curvesOf, factsOf, type Answer } from './answer.ts';
import { CurveChart } from './CurveChart.tsx';
import { examples } from './examples.ts';

const mutation = 'mutation ($input: JSON!) { inspect(input: $input) }';
const MiB = 1024 * 1024;
/** The server takes 8 MiB: a question as it is, arrays as base64 beside one. */
const most = { question: 7.5 * MiB, arrays: 5.5 * MiB } as const;
const inMiB = (bytes: number): string => `${(bytes / MiB).toFixed(1)} MiB`;
const isArrays = (name: string): boolean => /\.(npz|npy|safetensors)$/i.test(name);

interface Fault {
  readonly path: string;
  readonly message: string;
}

/** A question on a few lines: numbers side by side. */
const written = (question: unknown): string =>
  JSON.stringify(question, null, 2).replace(/\[\s+([-\d.eE+,\s]+?)\s+\]/g, (_, list: string) => `[${list.replace(/\s+/g, ' ')}]`);

async function base64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return btoa(text);
}

export function Inspect() {
  const [text, setText] = useState(() => written(examples[0]!.question));
  const [files, setFiles] = useState<Readonly<Record<string, string>>>({});
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [faults, setFaults] = useState<readonly Fault[]>([]);
  const [busy, setBusy] = useState(false);
  const [over, setOver] = useState(false);

  const ask = (typed: string, files: Readonly<Record<string, string>>) => {
    let question: unknown;
    try {
      question = JSON.parse(typed);
    } catch (error) {
      setAnswer(null); // it belongs to another question
      return setFaults([{ path: '', message: `the question is not JSON: ${inText((error as Error).message)}` }]);
    }
    const input = Object.keys(files).length > 0 ? { ...(question as object), files } : question;
    setBusy(true);
    setFaults([]);
    request<{ inspect: Answer }>(mutation, { input }, undefined, '/graphql?inspect')
      .then(
        ({ inspect }) => setAnswer(inspect),
        (error: RequestError) => {
          setAnswer(null);
          setFaults(error.issues.length > 0 ? error.issues : [{ path: '', message: error.message }]);
        },
      )
      .finally(() => setBusy(false));
  };
  const take = async (list: FileList | null) => {
    for (const file of list ?? []) {
      const limit = most[isArrays(file.name) ? 'arrays' : 'question'];
      if (file.size > limit) {
        setFaults([
          { path: file.name, message: `at most ${inMiB(limit)} here, got ${inMiB(file.size)}; npx plateau inspect takes larger files` },
        ]);
        continue;
      }
      if (!isArrays(file.name)) {
        setText(await file.text());
        continue;
      }
      const encoded = await base64(file);
      setFiles((known) => ({ ...known, [file.name]: encoded }));
      setText((typed) => withParams(typed, file.name));
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files);
  };

  return (
    <>
      <div className="stack" style={{ gap: 8 }}>
        <h1>Inspect</h1>
        <p className="muted">
          Bring a network with its weights; see its exact loss, gradients and curvature in float64. The same question goes to{' '}
          <code>npx plateau inspect</code>, which prints the schema with <code>--schema</code>.
        </p>
        <div className="row starts" role="group" aria-label="Examples">
          <span className="muted small">Start from</span>
          {examples.map(({ name, question }) => (
            <button
              key={name}
              type="button"
              onClick={() => {
                const next = written(question);
                setText(next);
                setFiles({});
                ask(next, {});
              }}
            >
              {name}
            </button>
          ))}
        </div>
      </div>
      <div className="inspect-grid">
        <form
          className="stack inspect-question"
          style={{ gap: 8 }}
          onSubmit={(event) => {
            event.preventDefault();
            ask(text, files);
          }}
          onDragOver={(event) => (event.preventDefault(), setOver(true))}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
          <label htmlFor="question">
            <h2>Question</h2>
          </label>
          <textarea
            id="question"
            className={`code${faults.length > 0 ? ' invalid' : ''}`}
            style={over ? { outline: '2px dashed var(--accent)' } : undefined}
            rows={26}
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
            aria-describedby="question-faults"
          />
          <div id="question-faults" role="alert" className="stack" style={{ gap: 4 }}>
            {faults.map(({ path, message }) => (
              <span key={path + message} className="fault">
                {path && <code>{path}</code>} {message}
              </span>
            ))}
          </div>
          <div className="row">
            <button type="submit" className="primary" disabled={busy}>
              {busy ? 'Computing …' : 'Inspect'}
            </button>
            <label className="button">
              Add a file
              <input
                type="file"
                className="unseen"
                multiple
                accept=".json,.npz,.npy,.safetensors"
                onChange={(event) => {
                  const input = event.target;
                  void take(input.files).finally(() => (input.value = '')); // the same file may be chosen again
                }}
              />
            </label>
            <span className="muted small">
              {Object.keys(files).length > 0 ? `with ${Object.keys(files).join(', ')}` : 'or drop JSON, .npz or .safetensors here'}
            </span>
            {Object.keys(files).length > 0 && (
              <button type="button" className="linkish" onClick={() => setFiles({})}>
                without
              </button>
            )}
          </div>
        </form>
        <section className="stack" style={{ gap: 16 }} aria-label="Answer" aria-busy={busy}>
          {answer ? (
            <ViewProvider>
              <Answered answer={answer} />
            </ViewProvider>
          ) : (
            <div className="empty">
              <p className="muted">
                {busy ? 'Computing in a process of its own …' : 'The answer stands here: press Inspect, or take an example.'}
              </p>
            </div>
          )}
        </section>
      </div>
    </>
  );
}

function Answered({ answer }: { answer: Answer }) {
  return (
    <>
      <div className="inspect-facts card" data-testid="facts">
        {factsOf(answer).map(({ title, facts }) => (
          <section key={title} aria-label={title}>
            <h3>{title}</h3>
            <dl>
              {facts.map(({ path, words, value, error }) => (
                <div key={path} title={path}>
                  <dt>{words}</dt>
                  <dd className="mono">
                    {typeof value === 'number' ? Number(value.toPrecision(10)) : String(value)}
                    {typeof error === 'number' && error > 0 ? ` ± ${Number(error.toPrecision(3))}` : ''}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <div className="inspect-charts">
        {curvesOf(answer).map((curve) => (
          <CurveChart key={curve.id} curve={curve} />
        ))}
      </div>
      <details className="card">
        <summary>The whole answer as JSON</summary>
        <pre className="block" tabIndex={0}>
          {JSON.stringify(answer, null, 1).slice(0, 200_000)}
        </pre>
      </details>
    </>
  );
}

/** The question, its parameters taken from the file that was dropped. */
function withParams(typed: string, file: string): string {
  try {
    return written({ ...(JSON.parse(typed) as object), params: { file }, param_order: undefined });
  } catch {
    return typed; // not JSON yet: the file is kept, and named beside the button
  }
}
