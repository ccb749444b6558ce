/** @file What of an answer is a chart, what a number, what a table. */
import type { Metric } from '#core/define.ts';
import { metrics } from '#core/metrics/index.ts';
import { texText } from '../_charts/texText.ts';
import { say } from '../_ui/numbers.ts';

export type Answer = Readonly<Record<string, unknown>>;
/** As numbers came over JSON: what is not finite is a text. */
export const number = (value: unknown): number => (typeof value === 'number' ? value : Number(value));
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNumbers = (value: unknown): value is unknown[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => !Array.isArray(each) && !isObject(each));

export interface Curve {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly kind: 'points' | 'line' | 'bars' | 'map';
  readonly x: readonly (number | string)[];
  readonly y: readonly number[];
  readonly error?: readonly number[];
  readonly rows?: readonly (readonly number[])[];
  readonly xTitle: string;
  /** Of the vertical axis, where it is one of values. */
  readonly yTitle?: string;
}
export interface Fact {
  /** In the JSON of the answer. */
  readonly path: string;
  readonly words: string;
  readonly value: unknown;
  readonly error?: unknown;
}
export interface Facts {
  readonly title: string;
  readonly facts: readonly Fact[];
}

const titles: Readonly<Record<string, string>> = {
  hessian: 'Hessian',
  ggn: 'Gauss-Newton matrix',
  fisher: 'Empirical Fisher matrix',
  modelFisher: 'Fisher matrix of the model',
  gram: 'Gram matrix of the gradients',
  blocks: 'Block',
  operator: 'Operator',
};
const ranks = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

/** Spectrum, ends and matrix of one operator. */
function ofOperator(name: string, found: Readonly<Record<string, unknown>>): Curve[] {
  const title = titles[name] ?? name;
  const curves: Curve[] = [];
  const how = typeof found.method === 'string' ? `${found.method === 'dense' ? 'exact, from the whole matrix' : found.method}` : 'exact';
  if (isNumbers(found.spectrum)) {
    const y = found.spectrum.map(number);
    const caption = `${y.length} eigenvalues, ${y.filter((value) => value < 0).length} of them negative`;
    curves.push({
      id: `${name}-spectrum`,
      title: `${title}: spectrum`,
      kind: 'points',
      x: ranks(y.length),
      y,
      xTitle: 'rank',
      yTitle: 'eigenvalue',
      caption,
    });
  } else
    for (const end of ['top', 'bottom'])
      if (isNumbers(found[end])) {
        const y = (found[end] as unknown[]).map(number);
        const error = isNumbers(found[`${end}Residuals`]) ? (found[`${end}Residuals`] as unknown[]).map(number) : y.map(() => 0);
        const caption = `largest residual ${say(Math.max(...error))}; ${how}`;
        curves.push({
          id: `${name}-${end}`,
          title: `${title}: ${end} eigenvalues`,
          kind: 'points',
          x: ranks(y.length),
          y,
          error,
          xTitle: 'rank',
          yTitle: 'eigenvalue',
          caption,
        });
      }
  const matrix = found.matrix as { shape: number[]; data: number[] } | undefined;
  if (matrix && matrix.shape[0]! <= 400) {
    const n = matrix.shape[0]!;
    const rows = ranks(n).map((row) => matrix.data.slice((row - 1) * n, row * n).map(number));
    const order = name === 'gram' ? 'example by example, the outputs of each together' : 'in the order of param_order';
    const caption = `${n} x ${n}, ${order}`;
    curves.push({
      id: `${name}-matrix`,
      title: `${title}: entries`,
      kind: 'map',
      x: ranks(n),
      y: ranks(n),
      rows,
      xTitle: 'column',
      caption,
    });
  }
  return curves;
}

export function curvesOf(answer: Answer): Curve[] {
  const curves: Curve[] = [];
  if (!isObject(answer.hessian) && (isNumbers(answer.spectrum) || isNumbers(answer.top))) curves.push(...ofOperator('operator', answer));
  for (const name of ['hessian', 'ggn', 'fisher', 'modelFisher', 'gram'])
    if (isObject(answer[name])) curves.push(...ofOperator(name, answer[name]));
  if (isObject(answer.density) && isNumbers(answer.density.grid)) {
    const { grid, density, densityError, method, sigma } = answer.density;
    const caption = `${method === 'exact' ? 'all eigenvalues' : 'Lanczos quadrature, band: standard error over probes'}, bells of width ${say(number(sigma))}`;
    const [x, y, error] = [grid, density, densityError].map((list) => (list as unknown[]).map(number)) as [number[], number[], number[]];
    curves.push({ id: 'density', title: 'Spectral density', kind: 'line', x, y, error, xTitle: 'eigenvalue', yTitle: 'density', caption });
  }
  if (isObject(answer.blocks)) {
    const names = Object.keys(answer.blocks);
    const blocks = Object.values(answer.blocks) as Record<string, unknown>[];
    for (const [field, title] of [
      ['top', 'Largest eigenvalue'],
      ['bottom', 'Smallest eigenvalue'],
      ['trace', 'Trace'],
    ] as const) {
      if (blocks.some((block) => block[field] === undefined)) continue;
      const y = blocks.map((block) => number([block[field]].flat()[0]));
      curves.push({
        id: `blocks-${field}`,
        title: `${title} of each layer’s block`,
        kind: 'bars',
        x: names,
        y,
        xTitle: 'layer',
        yTitle: field === 'trace' ? 'trace' : 'eigenvalue',
        caption: 'kernel and bias together',
      });
    }
  }
  if (isObject(answer.layerNorms)) {
    const names = Object.keys(answer.layerNorms);
    const layers = Object.values(answer.layerNorms) as Record<string, unknown>[];
    for (const [field, title] of [
      ['allNorm', 'Weight norm'],
      ['allGradNorm', 'Gradient norm'],
    ] as const)
      curves.push({
        id: field,
        title: `${title} of each layer`,
        kind: 'bars',
        x: names,
        y: layers.map((layer) => number(layer[field])),
        xTitle: 'layer',
        yTitle: 'norm',
        caption: 'all parameters of the layer together',
      });
  }
  for (const [name, caption, xTitle] of [
    ['blockNorms', 'Frobenius norm of each block of the Hessian, layer by layer', 'layer'],
    ['blockNormsError', 'standard error of each norm; 0 where every column of the Hessian was taken', 'layer'],
    ['singularValues', 'of each layer’s kernel, a row a layer', 'rank'],
  ] as const) {
    const lists = answer[name];
    if (!Array.isArray(lists) || !lists.every(isNumbers)) continue;
    const rows = lists.map((row) => row.map(number));
    const x = ranks(Math.max(...rows.map(({ length }) => length)));
    curves.push({ id: name, title: metrics[name].card.title, kind: 'map', x, y: ranks(rows.length), rows, xTitle, caption });
  }
  for (const [name, value] of Object.entries(answer))
    if (isNumbers(value) && !['param_order', 'spectrum', 'top', 'bottom', 'topResiduals', 'bottomResiduals'].includes(name)) {
      const metric: Metric | undefined = metrics[name as keyof typeof metrics];
      curves.push({
        id: name,
        title: metric?.card.title ?? wordsOf(name),
        kind: 'bars',
        x: ranks(value.length),
        y: value.map(number),
        xTitle: metric?.axes[0] ?? 'entry',
        yTitle: metric?.card.unit ?? (metric && texText(metric.card.formula)) ?? 'value',
        caption: metric?.card.about ?? '',
      });
    }
  return curves;
}

/** What else an answer has beside operators. */
const sections: Readonly<Record<string, string>> = {
  ...titles,
  density: 'Spectral density',
  perSample: 'Gradients of single samples',
  absent: 'Not measured here',
};
/** gradientSquaredNorm: gradient squared norm */
const wordsOf = (name: string): string => name.replaceAll('_', ' ').replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** Single numbers: those of the answer itself, then of what it holds. */
export function factsOf(answer: Answer): Facts[] {
  const take = (title: string, found: Readonly<Record<string, unknown>>, prefix: string): Facts => ({
    title,
    facts: Object.entries(found).flatMap(([name, value]) => {
      if (name.endsWith('Error') && name.slice(0, -5) in found) return [];
      if (typeof value !== 'number' && typeof value !== 'string') return [];
      const error = found[`${name}Error`];
      return [{ path: prefix + name, words: wordsOf(name), value, ...(error === undefined ? {} : { error }) }];
    }),
  });
  const within = Object.entries(sections).flatMap(([name, title]) => {
    const found = answer[name];
    return isObject(found) ? [take(title, found, `${name}.`)] : [];
  });
  return [take(isObject(answer.hessian) || answer.loss !== undefined ? 'Network' : 'Operator', answer, ''), ...within].filter(
    ({ facts }) => facts.length > 0,
  );
}
