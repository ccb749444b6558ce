'use client';
/** @file What holds for all charts of a page: where they are, following, the range, smoothing. */
import { useMemo } from 'react';
import { useCommands } from '../_ui/commands.ts';
import { useChartKeys } from './chartKeys.ts';
import { highlightWords } from './evidence.ts';
import { SectionNav } from './SectionNav.tsx';
import type { Section } from './sections.ts';
import { useView } from './view.tsx';

export function ViewBar({ live, sections = [] }: { live: boolean; sections?: readonly Section[] }) {
  const { view, change, undo, redo, pick } = useView();
  const { follow, smoothing } = view;
  useChartKeys(pick !== null);
  useCommands(
    useMemo(() => {
      const section = 'View';
      return [
        {
          id: 'follow',
          title: follow ? 'Freeze the newest rows' : 'Follow the newest rows',
          section,
          keys: 'space',
          run: () => change({ follow: !follow }),
        },
        {
          id: 'smoothing',
          title: smoothing > 0 ? 'No smoothing' : 'Smooth lines',
          section,
          keys: 's',
          run: () => change({ smoothing: smoothing > 0 ? 0 : 0.8 }),
        },
        { id: 'reset zoom', title: 'Reset zoom', section, keys: '0', run: () => change({ range: null, spans: {} }) },
        ...(undo ? [{ id: 'undo', title: 'Undo the last change of view', section, keys: 'mod+z', run: undo }] : []),
        ...(redo ? [{ id: 'redo', title: 'Redo the change of view', section, keys: 'mod+shift+z', run: redo }] : []),
      ];
    }, [follow, smoothing, change, undo, redo]),
  );
  return (
    <div className="row bar-tools">
      <SectionNav sections={sections} />
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
        <span className="chip mono">
          steps {view.range[0].toLocaleString('en')} to {view.range[1].toLocaleString('en')}
        </span>
      )}
      {view.highlight && (
        <span className="chip highlighted">
          evidence: {highlightWords(view.highlight)}
          <button type="button" className="linkish" onClick={() => change({ highlight: null })} aria-label="Clear the evidence">
            clear
          </button>
        </span>
      )}
      {(view.range || Object.keys(view.spans).length > 0) && (
        <button type="button" className="quiet" onClick={() => change({ range: null, spans: {} })}>
          Reset zoom
        </button>
      )}
      {undo && (
        <button type="button" className="quiet" title="Takes the last change of the view back (Ctrl Z, ⌘Z)" onClick={undo}>
          Undo
        </button>
      )}
      {view.runs.length > 0 && (
        <button type="button" className="quiet" onClick={() => change({ runs: [] })}>
          Show all runs
        </button>
      )}
      <span className="muted small with-mouse" style={{ marginLeft: 'auto' }}>
        drag zooms steps, alt-drag the other axis, double-click resets{pick && '; click or shift-drag picks a place for a note'}
      </span>
    </div>
  );
}
