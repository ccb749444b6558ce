'use client';
/** @file One quiet menu behind a button. */
import { DropdownMenu as Radix } from 'radix-ui';
import { Fragment, type ReactNode } from 'react';

export interface MenuItem {
  readonly label: string;
  readonly onSelect: () => void;
  /** A switch in place of an action; the menu stays open. */
  readonly on?: boolean;
  /** Why it cannot be chosen now. */
  readonly barred?: string;
  /** A heading above it. */
  readonly heading?: string;
}

export function Menu({
  label,
  trigger,
  items,
  onOpen,
}: {
  label: string;
  trigger: ReactNode;
  items: readonly MenuItem[];
  onOpen?: () => void;
}) {
  return (
    <Radix.Root onOpenChange={(open) => open && onOpen?.()}>
      <Radix.Trigger asChild>
        <button className="quiet" aria-label={label} style={{ padding: '2px 8px' }}>
          {trigger}
        </button>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className="menu" align="end" sideOffset={4}>
          {items.map(({ label: text, onSelect, on, barred, heading }) => (
            <Fragment key={text}>
              {heading && <Radix.Label className="menu-heading">{heading}</Radix.Label>}
              {on === undefined ? (
                <Radix.Item className="menu-item" onSelect={onSelect} disabled={barred !== undefined}>
                  {text}
                  {barred && <span className="menu-barred">{barred}</span>}
                </Radix.Item>
              ) : (
                <Radix.CheckboxItem
                  className="menu-item"
                  checked={on}
                  onSelect={(event) => event.preventDefault()}
                  onCheckedChange={onSelect}
                >
                  <Radix.ItemIndicator>✓ </Radix.ItemIndicator>
                  {text}
                </Radix.CheckboxItem>
              )}
            </Fragment>
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
