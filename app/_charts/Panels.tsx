/** @file Small multiples: one figure per group side by side, each with its name; the first is the one that pictures are made of. */
import { Plot, type PlotProps } from './Plot.tsx';
import { Swatch } from './Swatch.tsx';

export interface Panel extends Omit<PlotProps, 'chart'> {
  readonly name: string;
  readonly colour: string | null;
}

/** More than these are drawn smaller: they are compared at a glance, and read one by one in full screen or the table. */
const mostLarge = 6;

export function Panels({ label, chart, panels }: { label: string; chart: PlotProps['chart']; panels: readonly Panel[] }) {
  return (
    <div className="panels" data-many={panels.length > mostLarge || undefined} role="group" aria-label={label}>
      {panels.map(({ name, colour, height = 190, ...plot }, p) => (
        <div key={name}>
          {panels.length > 1 && (
            <h3>
              {colour && <Swatch colour={colour} />}
              {name}
            </h3>
          )}
          <Plot chart={chart} first={p === 0} height={panels.length > mostLarge ? Math.min(height, 140) : height} {...plot} />
        </div>
      ))}
    </div>
  );
}
