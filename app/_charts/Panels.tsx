/** @file Small multiples: one figure per group side by side, each with its name; the first is the one that pictures are made of. */
import { Plot, type PlotProps } from './Plot.tsx';
import { Swatch } from './Swatch.tsx';

export interface Panel extends Omit<PlotProps, 'chart'> {
  readonly name: string;
  readonly colour: string | null;
}

export function Panels({ label, chart, panels }: { label: string; chart: PlotProps['chart']; panels: readonly Panel[] }) {
  return (
    <div className="panels" role="group" aria-label={label}>
      {panels.map(({ name, colour, ...plot }, p) => (
        <div key={name}>
          {panels.length > 1 && (
            <h3>
              {colour && <Swatch colour={colour} />}
              {name}
            </h3>
          )}
          <Plot chart={chart} first={p === 0} {...plot} />
        </div>
      ))}
    </div>
  );
}
