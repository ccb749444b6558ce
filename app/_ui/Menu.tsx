'use client';
/** @file One quiet menu behind a button. */
import { DropdownMenu as Radix } from 'radix-ui';
import type { ReactNode } from 'react';

export interface MenuItem {
  readonly label: string;
  readonly onSelect: () => void;
}

export function Menu({ label, trigger, items }: { label: string; trigger: ReactNode; items: readonly MenuItem[] }) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>
        <button className="quiet" aria-label={label} style={{ padding: '2px 8px' }}>
          {trigger}
        </button>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className="menu" align="end" sideOffset={4}>
          {items.map((item) => (
            <Radix.Item key={item.label} className="menu-item" onSelect={item.onSelect}>
              {item.label}
            </Radix.Item>
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
