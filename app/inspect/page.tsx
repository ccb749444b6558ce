/** @file Inspect: bring a network with its weights, see its exact gradients and curvature. */
import { Inspect } from './Inspect.tsx';

export const metadata = { title: 'Inspect' };

export default function InspectPage() {
  return (
    <div className="page">
      <Inspect />
    </div>
  );
}
