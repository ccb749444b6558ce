/** @file The diagnoses: what is looked for in a run, and how often that is right. */
import Link from 'next/link';
import { ConfusionMatrix, ScoreTable } from '../../_diagnoses/Confusion.tsx';

export const metadata = { title: 'Diagnoses' };

export default function DiagnosesPage() {
  return (
    <div className="page stack">
      <p className="small">
        <Link href="/catalog">Catalog</Link>
      </p>
      <h1>Diagnoses</h1>
      <p className="prose">
        Each is a rule over what a run has recorded, with the layers and steps it is about. Where theory gives a bound it is taken; every
        other threshold is called our choice. They stand as cards on the page of a run. In a terminal:{' '}
        <code>npx plateau diagnose spec.json</code>.
      </p>
      <ScoreTable />
      <ConfusionMatrix />
    </div>
  );
}
