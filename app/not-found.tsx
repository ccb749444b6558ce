/** @file An address that leads nowhere. */
import Link from 'next/link';

export const metadata = { title: 'No such page' };

export default function NotFound() {
  return (
    <div className="page">
      <h1>No such page</h1>
      <p>
        The address is mistyped or incomplete. <Link href="/">Experiments</Link>, <Link href="/papers">papers</Link> and the{' '}
        <Link href="/catalog">catalog</Link> have what there is.
      </p>
    </div>
  );
}
