/** @file A paper, as an article. */
import type { Metadata } from 'next';
import Link from 'next/link';
import '../papers.css';
import { paperText } from '../texts.ts';
import { Article } from './Article.tsx';

interface Props {
  readonly params: Promise<{ paper: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: paperText((await params).paper)?.title ?? 'No such paper' };
}

export default async function PaperPage({ params }: Props) {
  const name = (await params).paper;
  const paper = paperText(name);
  if (!paper)
    return (
      <div className="page">
        <h1>No such paper</h1>
        <p>
          Nothing here is called {name}. <Link href="/papers">All papers</Link>
        </p>
      </div>
    );
  return <Article paper={paper} />;
}
