/** @file A formula in the text, set by KaTeX. */
import katex from 'katex';

export function Formula({ tex }: { tex: string }) {
  return <span dangerouslySetInnerHTML={{ __html: katex.renderToString(tex, { throwOnError: false, trust: false, strict: false }) }} />;
}
