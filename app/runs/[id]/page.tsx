/** @file One run: what it is, how it went, its curves, and the command that repeats it. */
import { RunDetails } from './RunDetails.tsx';

export const metadata = { title: 'Run' };

export default async function RunPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return (
    <div className="page">
      <RunDetails id={id} />
    </div>
  );
}
