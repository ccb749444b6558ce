/** @file New experiment: a question, a spec, and what varies. */
import { NewExperiment } from './NewExperiment.tsx';

export const metadata = { title: 'New experiment' };

export default function NewPage() {
  return (
    <div className="page">
      <NewExperiment />
    </div>
  );
}
