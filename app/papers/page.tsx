/** @file Papers: a board of verdicts. */
import './papers.css';
import { Board } from './Board.tsx';
import { briefs } from './texts.ts';

export const metadata = { title: 'Papers' };

export default function PapersPage() {
  return (
    <div className="page">
      <Board papers={briefs} />
    </div>
  );
}
