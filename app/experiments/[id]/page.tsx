/** @file The page of an experiment. */
import type { Metadata } from 'next';
import { ExperimentPage } from './ExperimentPage.tsx';

export const metadata: Metadata = { title: 'Experiment' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <ExperimentPage id={(await params).id} />;
}
