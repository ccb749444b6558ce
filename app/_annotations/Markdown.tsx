/** @file Text of people: Markdown with formulas; no raw HTML, links open outside. */
import Markdown from 'react-markdown';
import rehypeKatex from 'rehype-katex';
import remarkGfm from 'remark-gfm';
import remarkMath from 'remark-math';

const katex = { throwOnError: false, trust: false, strict: false } as const;

export function Text({ children }: { children: string }) {
  return (
    <div className="body">
      <Markdown
        remarkPlugins={[remarkGfm, remarkMath]}
        rehypePlugins={[[rehypeKatex, katex]]}
        components={{
          a: ({ href, children: inside }) => (
            <a href={href} target="_blank" rel="noreferrer noopener">
              {inside}
            </a>
          ),
        }}
      >
        {children}
      </Markdown>
    </div>
  );
}
