/** @file One kind of the catalog, a card for each entry. */
import { titleOf } from '../entries.ts';
import { KindPage } from '../KindPage.tsx';

export async function generateMetadata({ params }: { params: Promise<{ kind: string }> }) {
  return { title: titleOf((await params).kind) };
}

export default async function CatalogKindPage({ params }: { params: Promise<{ kind: string }> }) {
  return (
    <div className="page stack">
      <KindPage kind={(await params).kind} />
    </div>
  );
}
