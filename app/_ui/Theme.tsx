'use client';
/** @file Dark or light: kept in a cookie, so that the server draws the right one at once. */
import { Moon, Sun } from 'lucide-react';
import { useEffect, useState } from 'react';
import { isDark } from './dark.ts';

/** Charts listen for the event `plateau:theme` on window and redraw. */
export function toggleTheme(): void {
  const theme = isDark() ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme;
  document.cookie = `plateau_theme=${theme}; path=/; max-age=31536000; samesite=lax`;
  window.dispatchEvent(new Event('plateau:theme'));
}

/** Counts up when the theme changes, by hand or by the system. */
export function useTheme(): number {
  const [theme, setTheme] = useState(0);
  useEffect(() => {
    const changed = () => setTheme((count) => count + 1);
    const media = matchMedia('(prefers-color-scheme: dark)');
    window.addEventListener('plateau:theme', changed);
    media.addEventListener('change', changed);
    return () => {
      window.removeEventListener('plateau:theme', changed);
      media.removeEventListener('change', changed);
    };
  }, []);
  return theme;
}

export function ThemeButton() {
  return (
    <button
      className="quiet"
      onClick={toggleTheme}
      aria-label="Switch between dark and light"
      title="Dark or light"
      style={{ padding: 4, lineHeight: 0 }}
    >
      <Sun size={16} className="only-dark" />
      <Moon size={16} className="only-light" />
    </button>
  );
}
