/** @file Home: the experiments of this server, live. */
import { ExperimentList } from './_home/ExperimentList.tsx';

export default function Home() {
  return (
    <div className="page">
      <ExperimentList />
    </div>
  );
}
