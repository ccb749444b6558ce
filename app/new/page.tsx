/** @file New experiment: a question, a spec, and what varies. */
import { presets } from '#core/presets.ts';
import { NewExperiment } from './NewExperiment.tsx';

export const metadata = { title: 'New experiment' };

export default function NewPage() {
  return (
    <div className="page">
      <NewExperiment presets={presets} />
    </div>
  );
}
