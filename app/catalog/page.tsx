/** @file The catalog: every entry with its formula, source and options. */
import { CatalogList } from './CatalogList.tsx';

export const metadata = { title: 'Catalog' };

export default function CatalogPage() {
  return (
    <div className="page">
      <CatalogList />
    </div>
  );
}
