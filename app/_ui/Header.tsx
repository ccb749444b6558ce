'use client';
/** @file The bar on top: where to go, whether the page is live, the theme, and who is reading. */
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useConnection, useCut } from '../_live/hooks.ts';
import { NameButton } from './Name.tsx';
import { SearchButton } from './Palette.tsx';
import { ThemeButton } from './Theme.tsx';

const places = [
  { href: '/', label: 'Experiments', under: ['/experiments/', '/runs/'] },
  { href: '/new', label: 'New experiment', under: [] },
  { href: '/papers', label: 'Papers', under: ['/papers/'] },
  { href: '/inspect', label: 'Inspect', under: [] },
  { href: '/catalog', label: 'Catalog', under: ['/catalog/'] },
];

export function Header() {
  const path = usePathname();
  const cut = useCut();
  return (
    <header className="header">
      <Link href="/" className="brand">
        Plateau
      </Link>
      <nav className="places" aria-label="Places">
        {places.map(({ href, label, under }) => (
          <Link
            key={href}
            href={href}
            aria-current={path === href ? 'page' : under.some((start) => path.startsWith(start)) ? 'true' : undefined}
          >
            {label}
          </Link>
        ))}
      </nav>
      <span className="spacer" />
      <ConnectionState />
      <SearchButton />
      <ThemeButton />
      <NameButton />
      {/* there from the start: what is said later in a place that was not there is not heard */}
      <p className="cut" role="status">
        {cut && 'The server cannot be reached. What is shown is as it was; the page goes on by itself when the server is back.'}
      </p>
    </header>
  );
}

const words = { live: 'live', connecting: 'connecting', offline: 'reconnecting' } as const;
const colours = { live: 'var(--good)', connecting: 'var(--warn)', offline: 'var(--bad)' } as const;

/** Green and the latency while live; in words too, so that colour is not all there is. */
function ConnectionState() {
  const { state, latencyMs } = useConnection();
  return (
    <span className="status muted small" role="status" aria-label={`connection: ${words[state]}`}>
      <span className="dot" style={{ background: colours[state] }} />
      {words[state]}
      {state === 'live' && latencyMs !== null && <span className="with-mouse">{latencyMs} ms</span>}
    </span>
  );
}
