/**
 * A phone number as the contract writes it (digits with country code, no plus), if the text is one in international form:
 * `+62 812-3456`, `62812…`, `62812…@s.whatsapp.net`, `62812…@c.us`. Anything else is an opaque id and comes back as it was.
 */
export function phoneOrId(value: string): string {
  const text = value.trim();
  const bare = text.replace(/@(s\.whatsapp\.net|c\.us)$/i, '');
  if (!/^\+?[\d\s().-]+$/.test(bare)) return text;
  const digits = bare.replace(/\D/g, '');
  return digits.length >= 5 && digits.length <= 20 ? digits : text;
}
