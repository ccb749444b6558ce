/** @file A colour with its name: before titles of panels, in legends and in the readout. */

/** A CSS colour, or a variable by its name. */
export function Swatch({ colour }: { colour: string }) {
  return <i className="swatch" style={{ background: colour.startsWith('--') ? `var(${colour})` : colour }} />;
}

export function Legend({ items }: { items: readonly { readonly name: string; readonly colour: string }[] }) {
  return items.map(({ name, colour }) => (
    <span key={name}>
      <Swatch colour={colour} />
      {name}
    </span>
  ));
}
