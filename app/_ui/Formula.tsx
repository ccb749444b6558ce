/** @file A formula in the text, set by KaTeX. */
import katex from 'katex';

export function Formula({ tex }: { tex: string }) {
  return <span dangerouslySetInnerHTML={{ __html: katex.renderToString(tex, { throwOnError: false, trust: false, strict: false }) }} />;
}

/** A formula on a line of its own, which scrolls where it is wider than the page; in the tab order, so that the keyboard can scroll it. */
export function FormulaLine({ tex }: { tex: string }) {
  return (
    <div className="scroll" style={{ padding: '4px 0' }} tabIndex={0} role="group" aria-label="formula">
      <Formula tex={tex} />
    </div>
  );
}
