/** @file A short formula as text with sub- and superscripts, for labels inside pictures, where there is no KaTeX. */

const signs: Readonly<Record<string, string>> = {
  alpha: 'α',
  beta: 'β',
  gamma: 'γ',
  delta: 'δ',
  epsilon: 'ε',
  varepsilon: 'ε',
  eta: 'η',
  theta: 'θ',
  kappa: 'κ',
  lambda: 'λ',
  mu: 'μ',
  pi: 'π',
  rho: 'ρ',
  sigma: 'σ',
  tau: 'τ',
  phi: 'φ',
  varphi: 'φ',
  psi: 'ψ',
  chi: 'χ',
  omega: 'ω',
  Gamma: 'Γ',
  Delta: 'Δ',
  Lambda: 'Λ',
  Sigma: 'Σ',
  Phi: 'Φ',
  Psi: 'Ψ',
  ell: 'ℓ',
  infty: '∞',
  approx: ' ≈ ',
  sim: ' ~ ',
  propto: ' ∝ ',
  le: ' ≤ ',
  leq: ' ≤ ',
  ge: ' ≥ ',
  geq: ' ≥ ',
  ll: ' ≪ ',
  gg: ' ≫ ',
  ne: ' ≠ ',
  to: ' → ',
  cdot: '·',
  cdots: '⋯',
  dots: '…',
  ldots: '…',
  times: '×',
  pm: '±',
  prod: '∏',
  sum: '∑',
  partial: '∂',
  nabla: '∇',
  circ: '∘',
  star: '*',
  log: 'log ',
  ln: 'ln ',
  exp: 'exp ',
  min: 'min',
  max: 'max',
  cos: 'cos ',
  sin: 'sin ',
  quad: '  ',
};
/** Of these only the argument is kept. */
const plain = new Set(['operatorname', 'mathrm', 'text', 'mathbb', 'mathcal', 'mathbf', 'mathit', 'textrm', 'boldsymbol']);
const spaces = new Set([',', ';', ':', ' ', '!', 'bigl', 'bigr', 'Bigl', 'Bigr', 'big', 'Big', 'left', 'right', 'displaystyle']);

/** Braces are needed around what is more than one letter or number. */
const grouped = (text: string): string => (/^(\p{L}|[\d.]+)(<su[bp]>.*<\/su[bp]>)?$/u.test(text) ? text : `(${text})`);

/** Null where the formula needs more than that. */
export function texText(tex: string): string | null {
  let at = 0;
  let fault = false;
  const argument = (): string => {
    while (tex[at] === ' ') at++;
    if (tex[at] !== '{') return one();
    at++;
    const inside = many('}');
    at++;
    return inside;
  };
  function command(): string {
    at++;
    const name = /^[a-zA-Z]+/.exec(tex.slice(at))?.[0] ?? tex[at] ?? '';
    at += Math.max(1, name.length);
    if (name === 'frac' || name === 'tfrac' || name === 'dfrac') {
      const [over, under] = [argument(), argument()];
      return `${grouped(over)}/${grouped(under)}`;
    }
    if (name === 'sqrt') return `√${grouped(argument())}`;
    if (name === 'bar') return `${argument()}\u0304`;
    if (name === 'hat') return `${argument()}\u0302`;
    if (name === '|') return '‖';
    if (plain.has(name)) return argument();
    if (spaces.has(name)) return name === ' ' ? ' ' : '';
    const sign = signs[name];
    if (sign === undefined) fault = true;
    return sign ?? '';
  }
  function one(): string {
    const letter = tex[at]!;
    if (letter === undefined) {
      fault = true;
      return '';
    }
    if (letter === '\\') return command();
    if (letter === '{') return argument();
    at++;
    if (letter === '^') return `<sup>${argument()}</sup>`;
    if (letter === '_') return `<sub>${argument()}</sub>`;
    return letter === '-' ? '−' : letter === '~' ? ' ' : letter === '<' ? '&lt;' : letter === '&' ? '' : letter;
  }
  function many(end: string | null): string {
    let text = '';
    while (at < tex.length && tex[at] !== end) text += one();
    if (end !== null && tex[at] !== end) fault = true;
    return text;
  }
  const text = many(null).replaceAll(/ +/g, ' ').trim();
  return fault || text.includes('}') ? null : text;
}
