'use client';
/** @file What holds for all charts of a page: following, the range, smoothing. */
import { useEffect } from 'react';
import { useView } from './view.tsx';

export function ViewBar({ live }: { live: boolean }) {
  const { view, change } = useView();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.metaKey || event.ctrlKey || event.altKey || /^(INPUT|TEXTAREA|SELECT|BUTTON|A)$/.test(target.tagName)) return;
      if (event.key === ' ') {
        event.preventDefault();
        change({ follow: !view.follow });
      } else if (event.key === 's') change({ smoothing: view.smoothing > 0 ? 0 : 0.8 });
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [view, change]);
  return (
    <div className="row bar-tools">
      {(live || !view.follow) && (
        <button type="button" aria-pressed={view.follow} onClick={() => change({ follow: !view.follow })} title="Space">
          {view.follow ? 'Pause following' : 'Follow'}
        </button>
      )}
      <label className="row small muted">
        smoothing
        <input
          type="range"
          min={0}
          max={0.98}
          step={0.02}
          value={view.smoothing}
          onChange={(event) => change({ smoothing: Number(event.target.value) })}
          style={{ width: 96, padding: 0 }}
          aria-label="smoothing"
        />
        <span className="mono" style={{ minWidth: '4ch' }}>
          {view.smoothing.toFixed(2)}
        </span>
      </label>
      {view.range && (
        <>
          <span className="chip mono">
            steps {view.range[0].toLocaleString('en')} to {view.range[1].toLocaleString('en')}
          </span>
          <button type="button" className="quiet" onClick={() => change({ range: null })}>
            Reset zoom
          </button>
        </>
      )}
      <span className="muted small" style={{ marginLeft: 'auto' }}>
        drag zooms, double-click resets, click or shift-drag picks a place for a note
      </span>
    </div>
  );
}
