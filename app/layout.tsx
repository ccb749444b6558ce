/** @file The frame of every page. Drawn per request: the content security policy gives each answer its own nonce. */
import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import 'katex/dist/katex.min.css';
import './globals.css';
import type { Metadata, Viewport } from 'next';
import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { Header } from './_ui/Header.tsx';
import { Palette } from './_ui/Palette.tsx';
import { briefs } from './papers/texts.ts';

export const dynamic = 'force-dynamic';
export const metadata: Metadata = {
  title: { default: 'Plateau', template: '%s · Plateau' },
  description: 'Networks trained in the open: every layer, live.',
};
export const viewport: Viewport = { width: 'device-width', initialScale: 1 };

/** Papers and claims by their names, for the palette. */
const papers = briefs.flatMap(({ name, title, source, claims }) => [
  { title: `${title} (${source})`, href: `/papers/${name}` },
  ...claims.map((claim) => ({ title: `${claim.title} (${source})`, href: `/papers/${name}#${claim.name}` })),
]);

export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = (await cookies()).get('plateau_theme')?.value;
  return (
    <html lang="en" data-theme={theme === 'dark' || theme === 'light' ? theme : undefined}>
      <body>
        <a className="skip button" href="#main">
          Skip to the page
        </a>
        <Header />
        <main id="main" tabIndex={-1}>
          {children}
        </main>
        <Palette papers={papers} />
      </body>
    </html>
  );
}
