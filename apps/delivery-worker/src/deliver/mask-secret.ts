import { MASKED_SECRET } from '@kirisan/contracts';
import type { SendResult } from '@kirisan/outbound';

type Response = Pick<SendResult, 'responseHeaders' | 'responseBody' | 'responseTruncated'>;

/** What is shorter occurs by chance: masking it would make answers unreadable and protect nothing. */
const MIN_LENGTH = 4;

/**
 * The answer as it may be kept: debugging endpoints like to send back what they were sent, the signing secret with it.
 * Masks it as it is, in JSON, in URLs, in HTML and in base64, and where the kept part of a body ends in the middle of it.
 */
export function withoutSecret<R extends Response>(response: R, secret: string | undefined): R {
  if (secret === undefined || secret.length < MIN_LENGTH) return response;
  const forms = formsOf(secret);
  const { responseHeaders, responseBody, responseTruncated } = response;
  if (!responseHeaders && responseBody === undefined) return response;
  const body = responseBody && masked(responseBody, forms);
  return {
    ...response,
    ...(responseHeaders && { responseHeaders: maskedHeaders(responseHeaders, forms) }),
    responseBody: body && responseTruncated ? withoutBeginning(body, forms) : body,
  };
}

/** Longest first, so that no form leaves a part of a longer one behind. */
function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const bytes = Buffer.from(secret, 'latin1');
  const forms = [
    secret,
    json,
    json.replaceAll('/', '\\/'),
    asciiJson(json),
    encodeURIComponent(secret),
    encodeURIComponent(secret).replaceAll('%20', '+'),
    inHtml(secret),
    bytes.toString('base64'),
    Buffer.from(secret).toString('base64'),
  ];
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

const asciiJson = (json: string) =>
  json.replace(/[\x80-\xff]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const inHtml = (text: string) => text.replace(/[&<>"']/g, (char) => ENTITIES[char]!);

function masked(text: string, forms: readonly string[]): string {
  return forms.reduce((rest, form) => rest.replaceAll(form, () => MASKED_SECRET), text);
}

function maskedHeaders(headers: Record<string, string | string[]>, forms: readonly string[]) {
  const entries = Object.entries(headers).map(([name, value]) => [
    masked(name, forms),
    Array.isArray(value) ? value.map((one) => masked(one, forms)) : masked(value, forms),
  ]);
  return Object.fromEntries(entries) as Record<string, string | string[]>;
}

/** Masks the longest beginning of the secret that the text ends with. */
function withoutBeginning(text: string, forms: readonly string[]): string {
  const lengths = forms.map((form) => {
    let length = Math.min(form.length - 1, text.length);
    while (length >= MIN_LENGTH && !text.endsWith(form.slice(0, length))) length--;
    return length;
  });
  const longest = Math.max(...lengths);
  return longest < MIN_LENGTH ? text : `${text.slice(0, -longest)}${MASKED_SECRET}`;
}
