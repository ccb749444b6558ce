'use client';
/** @file The command palette (everything by name) and the overlay of shortcuts; listens to the keyboard for the whole page. */
import { Search as Magnifier } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { useRouter } from 'next/navigation';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent as Key } from 'react';
import { useRequest } from '../_live/hooks.ts';
import { keyName, pressed, rank, useAllCommands, useCommands, type Command } from './commands.ts';
import { Dialog } from './Dialog.tsx';
import { toggleTheme } from './Theme.tsx';

const experimentsQuery = 'query ($filter: String) { experiments(filter: $filter, first: 20) { id title runs { id label seed } } }';
const catalogQuery = '{ catalog { kind name title } }';
interface Found {
  readonly experiments: readonly { id: string; title: string; runs: readonly { id: string; label: string; seed: number }[] }[];
}
interface Catalog {
  readonly catalog: readonly { kind: string; name: string; title: string }[];
}
const most = 40;

/** A page that is found by its title. */
interface Place {
  readonly title: string;
  readonly href: string;
}

/** Stands in the frame of every page. */
export function Palette({ papers }: { papers: readonly Place[] }) {
  const router = useRouter();
  const [open, setOpen] = useState<'palette' | 'shortcuts' | null>(null);
  useCommands(
    useMemo(() => {
      const go = (title: string, href: string) => ({ id: href, title, section: 'Go to', run: () => router.push(href) });
      return [
        { id: 'palette', title: 'Search everything', section: 'Page', keys: 'mod+k', onlyKeys: true, run: () => setOpen('palette') },
        { id: 'shortcuts', title: 'Keyboard shortcuts', section: 'Page', keys: '?', run: () => setOpen('shortcuts') },
        { id: 'theme', title: 'Switch between dark and light', section: 'Page', run: toggleTheme },
        go('Experiments', '/'),
        go('New experiment', '/new'),
        go('Papers', '/papers'),
        go('Inspect', '/inspect'),
        go('Catalog', '/catalog'),
      ];
    }, [router]),
  );
  useEffect(() => {
    const ask = () => setOpen('palette');
    window.addEventListener('keydown', pressed);
    window.addEventListener('plateau:palette', ask);
    return () => {
      window.removeEventListener('keydown', pressed);
      window.removeEventListener('plateau:palette', ask);
    };
  }, []);
  return (
    <>
      <Radix.Root open={open === 'palette'} onOpenChange={(next) => setOpen(next ? 'palette' : null)}>
        <Radix.Portal>
          <Radix.Overlay className="dialog-overlay" />
          <Radix.Content className="dialog palette" aria-describedby={undefined}>
            <Radix.Title className="unseen">Search everything</Radix.Title>
            <Search papers={papers} close={() => setOpen(null)} />
          </Radix.Content>
        </Radix.Portal>
      </Radix.Root>
      <Shortcuts open={open === 'shortcuts'} onClose={() => setOpen(null)} />
    </>
  );
}

function Search({ papers, close }: { papers: readonly Place[]; close: () => void }) {
  const router = useRouter();
  const commands = useAllCommands();
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const [eager, setEager] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const found = useRequest<Found>(experimentsQuery, { filter: '' });
  const matching = useRequest<Found>(experimentsQuery, { filter: query.trim() }); // those beyond the newest twenty
  const catalog = useRequest<Catalog>(catalogQuery);

  const items = useMemo(() => {
    const go = (id: string, title: string, section: string, href: string): Command => ({
      id,
      title,
      section,
      run: () => router.push(href),
    });
    const experiments = new Map([...(found.data?.experiments ?? []), ...(matching.data?.experiments ?? [])].map((each) => [each.id, each]));
    const places = [
      ...[...experiments.values()].map(({ id, title }) => go(`experiment ${id}`, title, 'Experiments', `/experiments/${id}`)),
      ...(query.trim() === ''
        ? []
        : [
            ...[...experiments.values()].flatMap(({ title, runs }) =>
              runs.map((run) => go(`run ${run.id}`, `${title}: ${run.label || 'run'}, seed ${run.seed}`, 'Runs', `/runs/${run.id}`)),
            ),
            ...papers.map(({ title, href }) => go(href, title, 'Papers', href)),
            ...(catalog.data?.catalog ?? []).map(({ kind, name, title }) =>
              go(`${kind} ${name}`, `${title} (${kind})`, 'Catalog', `/catalog/${kind}/${name}`),
            ),
          ]),
    ];
    return [...commands.filter(({ onlyKeys }) => !onlyKeys), ...places]
      .map((command, position) => ({ command, position, score: rank(query, command.title) }))
      .filter(({ score }) => score !== null)
      .sort((a, b) => (query.trim() === '' ? a.position - b.position : b.score! - a.score!))
      .slice(0, most)
      .map(({ command }) => command);
  }, [commands, found.data, matching.data, catalog.data, papers, query, router]);

  const choose = (command: Command) => {
    close();
    // after the dialog has given the focus back, so that a command may take it
    setTimeout(command.run, 0);
  };
  const current = Math.min(at, items.length - 1);
  const onKeyDown = (event: Key) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move !== undefined) {
      event.preventDefault();
      setAt((current + move + items.length) % Math.max(1, items.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      // Enter before the server has answered means the first that it finds
      if (items[current]) choose(items[current]);
      else setEager(true);
    }
  };
  useEffect(() => {
    if (eager && items[0]) choose(items[0]);
  });
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [current, items]);

  return (
    <div onKeyDown={onKeyDown}>
      <input
        autoFocus
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={items[current] ? `palette-${current}` : undefined}
        aria-label="Search"
        placeholder="Experiments, runs, charts, papers, catalog, actions"
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setAt(0);
          setEager(false);
        }}
      />
      <div role="listbox" id="palette-list" aria-label="Found" ref={list} className="palette-list">
        {items.map((command, i) => (
          <div
            key={command.id}
            id={`palette-${i}`}
            role="option"
            aria-selected={i === current}
            className="palette-item"
            onPointerMove={() => setAt(i)}
            onClick={() => choose(command)}
          >
            <span className="palette-title">{command.title}</span>
            <span className="muted small">{command.section}</span>
            {command.keys && <kbd>{keyName(command.keys)}</kbd>}
          </div>
        ))}
        {items.length === 0 && <p className="muted small palette-none">Nothing here is called “{query.trim()}”.</p>}
      </div>
    </div>
  );
}

/** Every key that does something on this page, by section. */
function Shortcuts({ open, onClose }: { open: boolean; onClose: () => void }) {
  const commands = useAllCommands();
  const keyed = new Map(commands.filter(({ keys }) => keys).map((command) => [command.keys!, command]));
  const sections = Map.groupBy(keyed.values(), ({ section }) => section);
  return (
    <Dialog open={open} onClose={onClose} title="Keyboard shortcuts">
      <div className="shortcuts">
        {[...sections].map(([section, list]) => (
          <section key={section}>
            <h3 className="muted small">{section}</h3>
            <dl>
              {list.map(({ id, title, keys }) => (
                <div key={id}>
                  <dt>{title}</dt>
                  <dd>
                    <kbd>{keyName(keys!)}</kbd>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <p className="muted small">Arrow keys walk through a chart that has the focus; Escape closes what is open.</p>
    </Dialog>
  );
}

/** The button in the bar on top. */
export function SearchButton() {
  return (
    <button
      type="button"
      className="quiet search-button"
      aria-label="Search"
      onClick={() => window.dispatchEvent(new Event('plateau:palette'))}
    >
      <Magnifier size={16} />
      <kbd suppressHydrationWarning>{keyName('mod+k')}</kbd>
      <span className="with-mouse">Search</span>
    </button>
  );
}
