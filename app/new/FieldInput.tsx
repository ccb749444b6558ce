'use client';
/** @file One field of the spec: its control, symbol, unit and bounds, and the fault at it. */
import { useEffect, useState } from 'react';
import type { Field } from '#core/define.ts';
import { Formula } from '../_ui/Formula.tsx';
import type { Issue } from './draft.ts';

export function FieldInput({
  path,
  field,
  value,
  issues,
  onChange,
}: {
  path: string;
  field: Field;
  value: unknown;
  issues: readonly Issue[];
  onChange: (value: unknown) => void;
}) {
  const faults = issues.filter((issue) => issue.path === path);
  const id = `field-${path}`;
  const label = (
    <label htmlFor={id}>
      {field.title} {field.symbol && <Formula tex={field.symbol} />} {field.unit && <span className="muted small">{field.unit}</span>}
    </label>
  );
  const control = <Control id={id} field={field} value={value ?? field.default} invalid={faults.length > 0} onChange={onChange} />;
  return (
    <div className="field">
      {field.type === 'boolean' ? (
        <div className="check">
          {control}
          {label}
        </div>
      ) : (
        <>
          {label}
          {control}
        </>
      )}
      {faults.length > 0 && (
        <div id={`${id}-fault`} className="fault" role="alert">
          {faults.map(({ message }) => (
            <div key={message}>{message}</div>
          ))}
        </div>
      )}
      {field.about && <span className="muted small">{field.about}</span>}
    </div>
  );
}

/** What a reader hears with a field that has a fault. */
const heard = (id: string, invalid: boolean) => ({ 'aria-invalid': invalid, ...(invalid ? { 'aria-describedby': `${id}-fault` } : {}) });

function Control({
  id,
  field,
  value,
  invalid,
  onChange,
}: {
  id: string;
  field: Field;
  value: unknown;
  invalid: boolean;
  onChange: (value: unknown) => void;
}) {
  const className = invalid ? 'invalid' : undefined;
  if (field.type === 'boolean')
    return <input id={id} type="checkbox" checked={Boolean(value)} onChange={(event) => onChange(event.target.checked)} />;
  if (field.type === 'choice')
    return (
      <select
        id={id}
        className={className}
        {...heard(id, invalid)}
        value={String(value)}
        onChange={(event) => onChange(event.target.value)}
      >
        {field.choices.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    );
  if (field.type === 'text')
    return (
      <input
        id={id}
        className={className}
        {...heard(id, invalid)}
        value={String(value)}
        maxLength={field.maxLength}
        onChange={(event) => onChange(event.target.value)}
      />
    );
  return <NumberInput id={id} invalid={invalid} value={value} onChange={onChange} title={`${field.min} to ${field.max}`} />;
}

/** Keeps what is typed while it is no number yet (`1e-`), and hands on numbers as numbers. */
function NumberInput({
  id,
  invalid,
  value,
  title,
  onChange,
}: {
  id: string;
  invalid: boolean;
  value: unknown;
  title: string;
  onChange: (value: unknown) => void;
}) {
  const [text, setText] = useState(String(value));
  useEffect(() => {
    setText((typed) => (Number(typed) === value && typed.trim() !== '' ? typed : String(value)));
  }, [value]);
  const type = (typed: string) => {
    setText(typed);
    const number = Number(typed);
    onChange(typed.trim() === '' || Number.isNaN(number) ? typed : number);
  };
  return (
    <input
      id={id}
      className={invalid ? 'invalid' : undefined}
      {...heard(id, invalid)}
      inputMode="decimal"
      value={text}
      title={title}
      onChange={(event) => type(event.target.value)}
    />
  );
}
