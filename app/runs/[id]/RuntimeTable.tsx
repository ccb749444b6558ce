/** @file What was tried when the runtime was chosen: milliseconds a step, or why not. */

export interface RuntimeRow {
  readonly runtime: string;
  readonly device: string;
  readonly version: string;
  readonly stepMs: number | null;
  readonly reason?: string;
}

export function RuntimeTable({ rows }: { rows: readonly RuntimeRow[] }) {
  return (
    <div className="scroll" tabIndex={0} role="group" aria-label="runtimes tried">
      <table className="table">
        <thead>
          <tr>
            <th>Runtime</th>
            <th>Device</th>
            <th className="number">ms a step</th>
            <th>Why not</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ runtime, device, version, stepMs, reason }) => (
            <tr key={`${runtime} ${device}`}>
              <td>
                {runtime} <span className="muted">{version}</span>
              </td>
              <td>{device}</td>
              <td className="number">{stepMs === null ? '' : stepMs.toPrecision(3)}</td>
              <td className="muted small" style={{ overflowWrap: 'anywhere' }}>
                {reason}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
