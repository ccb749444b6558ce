/** @file One entry of the catalog, under its own name. */
import { DiagnosisScore } from '../../../_diagnoses/Confusion.tsx';
import { EntryPage } from '../../EntryPage.tsx';

export async function generateMetadata({ params }: { params: Promise<{ kind: string; name: string }> }) {
  return { title: (await params).name };
}

export default async function CatalogEntryPage({ params }: { params: Promise<{ kind: string; name: string }> }) {
  const { kind, name } = await params;
  return (
    <div className="page stack">
      <EntryPage kind={kind} name={name} />
      {kind === 'diagnosis' && <DiagnosisScore name={name} />}
    </div>
  );
}
