/** @file A loss curve the size of a word, on a log scale; gaps where the loss was not a number. */

const [width, height] = [120, 24];

export function Sparkline({ values, label }: { values: readonly (number | null)[]; label: string }) {
  const logs = values.map((value) => (value !== null && value > 0 ? Math.log(value) : null));
  const finite = logs.filter((value) => value !== null);
  if (finite.length < 2) return <svg width={width} height={height} role="img" aria-label={`${label}: no values yet`} />;
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const point = (value: number, i: number) =>
    `${((i / (logs.length - 1)) * (width - 2) + 1).toFixed(1)},${(height - 2 - ((value - low) / (high - low || 1)) * (height - 4)).toFixed(1)}`;
  const path = logs.map((value, i) => (value === null ? '' : `${i === 0 || logs[i - 1] === null ? 'M' : 'L'}${point(value, i)}`)).join('');
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <path d={path} fill="none" stroke="var(--accent)" strokeWidth="1.5" strokeLinejoin="round" />
    </svg>
  );
}
