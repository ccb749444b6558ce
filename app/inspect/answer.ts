/** @file What of an answer is a chart, what a number, what a table. */

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
}
export interface Fact {
  readonly name: string;
  readonly value: unknown;
  readonly error?: unknown;
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
    curves.push({ id: `${name}-spectrum`, title: `${title}: spectrum`, kind: 'points', x: ranks(y.length), y, xTitle: 'rank', caption });
  } else
    for (const end of ['top', 'bottom'])
      if (isNumbers(found[end])) {
        const y = (found[end] as unknown[]).map(number);
        const error = isNumbers(found[`${end}Residuals`]) ? (found[`${end}Residuals`] as unknown[]).map(number) : y.map(() => 0);
        const caption = `largest residual ${Math.max(...error).toExponential(1)}; ${how}`;
        curves.push({
          id: `${name}-${end}`,
          title: `${title}: ${end} eigenvalues`,
          kind: 'points',
          x: ranks(y.length),
          y,
          error,
          xTitle: 'rank',
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
    const caption = `${method === 'exact' ? 'all eigenvalues' : 'Lanczos quadrature, band: standard error over probes'}, bells of width ${number(sigma).toExponential(2)}`;
    const [x, y, error] = [grid, density, densityError].map((list) => (list as unknown[]).map(number)) as [number[], number[], number[]];
    curves.push({ id: 'density', title: 'Spectral density', kind: 'line', x, y, error, xTitle: 'eigenvalue', caption });
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
        caption: 'all parameters of the layer together',
      });
  }
  for (const [name, caption, xTitle] of [
    ['blockNorms', 'Frobenius norm of each block of the Hessian, layer by layer', 'layer'],
    ['singularValues', 'singular values of each layer’s kernel, a row a layer', 'rank'],
  ] as const) {
    const lists = answer[name];
    if (!Array.isArray(lists) || !lists.every(isNumbers)) continue;
    const rows = lists.map((row) => row.map(number));
    const x = ranks(Math.max(...rows.map(({ length }) => length)));
    curves.push({ id: name, title: name, kind: 'map', x, y: ranks(rows.length), rows, xTitle, caption });
  }
  for (const [name, value] of Object.entries(answer))
    if (isNumbers(value) && !['param_order', 'spectrum', 'top', 'bottom', 'topResiduals', 'bottomResiduals'].includes(name))
      curves.push({
        id: name,
        title: name,
        kind: 'bars',
        x: ranks(value.length),
        y: value.map(number),
        xTitle: 'layer or rank',
        caption: 'metric of the catalog',
      });
  return curves;
}

/** Single numbers, those of nested answers under `hessian.trace`. */
export function factsOf(answer: Answer): Fact[] {
  const facts: Fact[] = [];
  const take = (found: Readonly<Record<string, unknown>>, prefix: string): void => {
    for (const [name, value] of Object.entries(found)) {
      if (name.endsWith('Error') && name.slice(0, -5) in found) continue;
      const error = found[`${name}Error`];
      if (typeof value === 'number' || typeof value === 'string')
        facts.push({ name: prefix + name, value, ...(error === undefined ? {} : { error }) });
    }
  };
  take(answer, '');
  for (const name of ['hessian', 'ggn', 'fisher', 'modelFisher', 'gram', 'density', 'perSample', 'absent'])
    if (isObject(answer[name])) take(answer[name], `${name}.`);
  return facts;
}
