/** @file New experiment: a question, a spec, and what varies. A link may fill it in: `?spec=` as JSON, `title`, `question`. */
import { NewExperiment } from './NewExperiment.tsx';

export const metadata = { title: 'New experiment' };

interface Props {
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}

export default async function NewPage({ searchParams }: Props) {
  const given = await searchParams;
  const text = (name: string) => (typeof given[name] === 'string' ? given[name] : '');
  return (
    <div className="page">
      <NewExperiment key={JSON.stringify(given)} given={{ spec: text('spec'), title: text('title'), question: text('question') }} />
    </div>
  );
}
