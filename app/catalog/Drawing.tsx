/** @file A picture of the catalog as a small drawing, with its numbers as a table. */
import { useEffect, useId, useRef } from 'react';
import type { Curve, Picture } from '#core/pictures.ts';
import { colourVariable } from '../_charts/colours.ts';

const [width, height] = [440, 208];
const frame = { left: 44, right: 34, top: 20, bottom: 30 };
const colours = ['--series-1', '--series-2', '--series-3', '--series-4', '--series-5', '--series-6', '--series-7'];
const colour = (i: number) => `var(${colours[i % colours.length]})`;
const ofCurve = ({ regularizer }: Curve, i: number) => (regularizer ? `var(${colourVariable(regularizer, true, i)})` : colour(i));
/** Numbers in a table are at most this many rows. */
const tableRows = 33;

interface Scale {
  readonly low: number;
  readonly high: number;
  readonly at: (value: number) => number;
}
type Lists = readonly ArrayLike<number>[];

function extent(lists: Lists): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const list of lists)
    for (let i = 0; i < list.length; i++) {
      low = Math.min(low, list[i]!);
      high = Math.max(high, list[i]!);
    }
  return low < high ? [low, high] : [low - 1, high + 1];
}

function scale(lists: Lists, from: number, to: number, room: number): Scale {
  const [first, last] = extent(lists);
  const [low, high] = [first - room * (last - first), last + room * (last - first)];
  return { low, high, at: (value) => from + ((value - low) / (high - low)) * (to - from) };
}

/** Round numbers within a scale, about `wanted` of them. */
export function ticks(low: number, high: number, wanted: number): number[] {
  const rough = (0.7 * (high - low)) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough)!;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

const number = (value: number) => (value === 0 ? '0' : Number(value.toPrecision(4)).toString()).replace('-', '−');

export function Drawing({ picture, label }: { picture: Picture; label: string }) {
  return (
    <figure className="stack" style={{ margin: 0, gap: 4 }}>
      {picture.form === 'images' ? <Images picture={picture} label={label} /> : <Axes picture={picture} label={label} />}
      <figcaption className="muted small">{picture.caption}</figcaption>
    </figure>
  );
}

function Axes({ picture, label }: { picture: Exclude<Picture, { form: 'images' }>; label: string }) {
  const [xs, ys] =
    picture.form === 'curves'
      ? [[picture.x], picture.curves.map(({ values }) => values)]
      : picture.form === 'points'
        ? [[picture.x], [picture.y]]
        : picture.form === 'path'
          ? [
              [picture.x, [0]],
              [picture.y, [0]],
            ]
          : [[picture.edges], [picture.density, [0]]];
  const x = scale(xs, frame.left, width - frame.right, picture.form === 'path' ? 0.12 : picture.form === 'points' ? 0.03 : 0);
  const y = scale(ys, height - frame.bottom, frame.top, picture.form === 'path' ? 0.25 : picture.form === 'histogram' ? 0 : 0.05);
  const yLabel = picture.form === 'curves' ? null : picture.form === 'histogram' ? 'density' : picture.yLabel;
  return (
    <svg viewBox={`0 0 ${width} ${height}`} width="100%" style={{ maxWidth: 520 }} role="img" aria-label={`${label}: ${picture.caption}`}>
      <g fontSize="11" fill="var(--muted)" stroke="none">
        {ticks(y.low, y.high, 4).map((value) => (
          <g key={value}>
            <line x1={frame.left} x2={width - frame.right} y1={y.at(value)} y2={y.at(value)} stroke="var(--line)" />
            <text x={frame.left - 6} y={y.at(value) + 4} textAnchor="end">
              {number(value)}
            </text>
          </g>
        ))}
        {ticks(x.low, x.high, 5).map((value) => (
          <text key={value} x={x.at(value)} y={height - frame.bottom + 14} textAnchor="middle">
            {number(value)}
          </text>
        ))}
        <text x={(frame.left + width - frame.right) / 2} y={height - 4} textAnchor="middle">
          {picture.xLabel}
        </text>
        {yLabel && (
          <text x="4" y={frame.top - 9}>
            {yLabel}
          </text>
        )}
      </g>
      {picture.form === 'curves' && <Curves picture={picture} x={x} y={y} />}
      {picture.form === 'path' && <Path picture={picture} x={x} y={y} />}
      {picture.form === 'histogram' && <path d={bars(picture, x, y)} fill={colour(0)} />}
      {picture.form === 'points' &&
        [...new Set(picture.groups)].map((group) => (
          <path
            key={group}
            d={dots(picture, group, x, y)}
            stroke={colour(group)}
            strokeWidth="4.4"
            strokeLinecap="round"
            strokeOpacity="0.75"
          />
        ))}
    </svg>
  );
}

/** All bars as one path, and all points of a group as another: a page holds dozens of drawings. */
const bars = ({ edges, density }: Extract<Picture, { form: 'histogram' }>, x: Scale, y: Scale): string =>
  Array.from(density, (value, i) => {
    const [from, to] = [x.at(edges[i]!), x.at(edges[i + 1]!)];
    return value > 0
      ? `M${from.toFixed(1)},${y.at(0).toFixed(1)}V${y.at(value).toFixed(1)}H${(to - 0.5).toFixed(1)}V${y.at(0).toFixed(1)}Z`
      : '';
  }).join('');
const dots = ({ x: xs, y: ys, groups }: Extract<Picture, { form: 'points' }>, group: number, x: Scale, y: Scale): string =>
  Array.from(xs, (value, i) => (groups[i] === group ? `M${x.at(value).toFixed(1)},${y.at(ys[i]!).toFixed(1)}h0` : '')).join('');

const line = (xs: ArrayLike<number>, ys: ArrayLike<number>, x: Scale, y: Scale): string =>
  Array.from(xs, (value, k) => `${k ? 'L' : 'M'}${x.at(value).toFixed(1)},${y.at(ys[k]!).toFixed(1)}`).join('');

/** More steps than this are a line without a dot for each. */
const dottedSteps = 80;

/** From an open dot, over the ellipses, towards the cross of the minimum. */
function Path({ picture, x, y }: { picture: Extract<Picture, { form: 'path' }>; x: Scale; y: Scale }) {
  const clip = useId();
  const { x: xs, y: ys, levels } = picture;
  return (
    <>
      <clipPath id={clip}>
        <rect x={frame.left} y={frame.top} width={width - frame.left - frame.right} height={height - frame.top - frame.bottom} />
      </clipPath>
      <g clipPath={`url(#${clip})`} fill="none" strokeLinejoin="round">
        {levels.map((level, i) => (
          <path key={i} d={line(level.x, level.y, x, y)} stroke="var(--muted)" strokeOpacity="0.45" />
        ))}
        <path d={line(xs, ys, x, y)} stroke={colour(0)} strokeWidth="1.6" />
        {xs.length <= dottedSteps && (
          <path
            d={Array.from(xs, (value, k) => `M${x.at(value)},${y.at(ys[k]!)}h0`).join('')}
            stroke={colour(0)}
            strokeWidth="4"
            strokeLinecap="round"
          />
        )}
        <circle cx={x.at(xs[0]!)} cy={y.at(ys[0]!)} r="4" stroke={colour(0)} strokeWidth="1.6" fill="var(--surface-2)" />
        <path d={`M${x.at(0) - 4},${y.at(0)}h8m-4,-4v8`} stroke="var(--text)" />
      </g>
    </>
  );
}

function Curves({ picture, x, y }: { picture: Extract<Picture, { form: 'curves' }>; x: Scale; y: Scale }) {
  // labels stand at the ends of their lines, at least a line apart
  const order = picture.curves.map((curve, i) => ({ curve, i, end: y.at(curve.values.at(-1)!) })).sort((a, b) => a.end - b.end);
  let below = -Infinity;
  const places = order.map(({ curve, i, end }) => ({ curve, i, place: (below = Math.max(end, below + 12)) }));
  const over = Math.max(0, below - (height - frame.bottom));
  return (
    <>
      {picture.curves.map(({ label, values }, i) => (
        <path
          key={label}
          d={line(picture.x, values, x, y)}
          fill="none"
          stroke={ofCurve(picture.curves[i]!, i)}
          strokeWidth="1.6"
          strokeLinejoin="round"
        />
      ))}
      {places.map(({ curve, i, place }) => (
        <text key={curve.label} x={width - frame.right + 4} y={place - over + 4} fontSize="11" fill={ofCurve(curve, i)}>
          {curve.label}
        </text>
      ))}
    </>
  );
}

function Images({ picture, label }: { picture: Extract<Picture, { form: 'images' }>; label: string }) {
  return (
    <div className="row" style={{ gap: 4, flexWrap: 'wrap' }} role="img" aria-label={`${label}: ${picture.caption}`}>
      {picture.images.map((values, i) => (
        <Image key={i} side={picture.side} values={values} />
      ))}
    </div>
  );
}

function Image({ side, values }: { side: number; values: Float64Array }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const pixels = context.createImageData(side, side);
    const [low, high] = extent([values]);
    values.forEach((value, i) => pixels.data.set([...new Array<number>(3).fill((255 * (value - low)) / (high - low)), 255], 4 * i));
    context.putImageData(pixels, 0, 0);
  }, [side, values]);
  return <canvas ref={canvas} width={side} height={side} style={{ width: 64, height: 64, imageRendering: 'pixelated', borderRadius: 3 }} />;
}

/** The numbers behind a drawing, every so many where there are more than fit. */
export function Numbers({ picture }: { picture: Picture }) {
  if (picture.form === 'images') return null;
  const columns: readonly { readonly label: string; readonly values: ArrayLike<number> }[] =
    picture.form === 'curves'
      ? [{ label: picture.xLabel, values: picture.x }, ...picture.curves]
      : picture.form === 'points' || picture.form === 'path'
        ? [
            { label: picture.xLabel, values: picture.x },
            { label: picture.yLabel, values: picture.y },
          ]
        : [
            { label: `${picture.xLabel}, from`, values: picture.edges },
            { label: 'density', values: picture.density },
          ];
  const all = columns.at(-1)!.values.length;
  const stride = Math.ceil(all / tableRows);
  return (
    <details>
      <summary className="small">Numbers{stride > 1 ? `, one of ${stride} rows` : ''}</summary>
      <div className="scroll" tabIndex={0} role="group" aria-label="numbers">
        <table className="mono small">
          <thead>
            <tr>
              {columns.map(({ label }) => (
                <th key={label} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Array.from({ length: Math.ceil(all / stride) }, (_, row) => (
              <tr key={row}>
                {columns.map(({ label, values }) => (
                  <td key={label}>{number(values[row * stride]!)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
