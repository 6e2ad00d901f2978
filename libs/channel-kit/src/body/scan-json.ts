/** What a look at the bytes of a JSON text tells without parsing it. */
export interface JsonScan {
  /** Deepest nesting of arrays and objects. */
  depth: number;
  /** Start and end of each number that a double can not hold exactly: long integers and exponents. */
  longNumbers: [start: number, end: number][];
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Walks the text once, strings skipped. Never throws: what it says of a text that is not JSON is of no use, and
 * the parser refuses that text afterwards.
 */
export function scanJson(text: string): JsonScan {
  const scan: JsonScan = { depth: 0, longNumbers: [] };
  let open = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) i = endOfString(text, i);
    else if (code === 0x7b || code === 0x5b) scan.depth = Math.max(scan.depth, ++open);
    else if (code === 0x7d || code === 0x5d) open--;
    else if (isDigit(code) || code === 0x2d) {
      const end = endOfNumber(text, i);
      if (mayLoseDigits(text, i, end)) scan.longNumbers.push([i, end]);
      i = end - 1;
    }
  }
  return scan;
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
}

function isEscaped(text: string, quote: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes++;
  return slashes % 2 === 1;
}

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && isNumberPart(text.charCodeAt(end))) end++;
  return end;
}

/** 2^53 has sixteen digits; an exponent may lead beyond every double. */
function mayLoseDigits(text: string, start: number, end: number): boolean {
  if (end - start < 3) return false;
  const number = text.slice(start, end);
  if (/[eE]/.test(number)) return !Number.isFinite(Number(number));
  return end - start >= 16 && !number.includes('.') && !Number.isSafeInteger(Number(number));
}

const isDigit = (code: number) => code >= 0x30 && code <= 0x39;
const isNumberPart = (code: number) =>
  isDigit(code) || code === 0x2e || code === 0x65 || code === 0x45 || code === 0x2b || code === 0x2d;
