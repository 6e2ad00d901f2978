const ESCAPED = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Text that a terminal or page shows as it is: control and format characters are written as `\u001b`. */
export function neutralText(text: string): string {
  return text.replace(ESCAPED, (found) =>
    [...found].map((one) => `\\u${one.codePointAt(0)!.toString(16).padStart(4, '0')}`).join(''),
  );
}
