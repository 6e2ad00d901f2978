import { asRecord, asString } from '@kirisan/channel-kit';

/** Members of a block that hold what a reader sees as text, in the order of reading. */
const PARTS = ['summary', 'text', 'expression', 'caption', 'credit', 'blocks', 'items', 'cells'];

/** The bare text of a rich message: one line a block, formatting left out. */
export function richText(blocks: unknown[]): string {
  return blocks.flatMap(linesOf).join('\n');
}

/** Nesting is bounded by the parser of the body. */
function linesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(linesOf);
  const block = asRecord(value);
  if (!block) return [];
  return PARTS.flatMap((name) => (isInline(name) ? inline(block[name]) : linesOf(block[name]))).filter(
    (line) => line !== '',
  );
}

const isInline = (name: string) => !['blocks', 'items', 'cells'].includes(name);

/** Formatted text is a text, a list of such, or an object around one. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return value.map(inline).join('');
  const span = asRecord(value);
  return span ? inline(span.text) : (asString(value) ?? '');
}
