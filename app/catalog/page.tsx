/** @file The catalog: every entry by kind, found by its name or words. */
import { CatalogIndex } from './CatalogIndex.tsx';

export const metadata = { title: 'Catalog' };

export default function CatalogPage() {
  return (
    <div className="page">
      <CatalogIndex />
    </div>
  );
}
