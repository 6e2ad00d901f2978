import { asRecord, asString, compact, parseJson } from '@kirisan/channel-kit';
import { Buffer } from 'node:buffer';
import type { Content } from './meta.content-shape.js';

type Data = Record<string, unknown>;

/** A pressed reply button or a chosen list row. */
const reply =
  (type: 'button_reply' | 'list_reply') =>
  (answer: Data): Content => ({
    message: {
      type,
      text: asString(answer.title) ?? '',
      button: compact({ id: asString(answer.id), text: asString(answer.title) }),
    },
    extras: compact({ description: asString(answer.description) }),
  });

/** A completed Flow, or an address that was asked for. */
function formReply(answer: Data): Content {
  const json = asString(answer.response_json);
  return {
    message: { type: 'nfm_reply', text: asString(answer.body) ?? '' },
    extras: {
      nfm_reply: compact({
        name: asString(answer.name),
        response_json: json,
        response: json ? parsed(json) : undefined,
      }),
    },
  };
}

/** What the form holds, for receivers that do not want to parse it again; the text stays beside it. */
function parsed(json: string): Data | undefined {
  try {
    return asRecord(parseJson(Buffer.from(json)));
  } catch {
    return undefined;
  }
}

const KINDS = new Map<string, (answer: Data) => Content>([
  ['button_reply', reply('button_reply')],
  ['list_reply', reply('list_reply')],
  ['nfm_reply', formReply],
]);

/** Answers to interactive messages. Meta has been seen to leave the object out, with an error beside the message. */
export function interactiveContent(interactive: Data): Content {
  const kind = asString(interactive.type) ?? [...KINDS.keys()].find((key) => Object.hasOwn(interactive, key));
  const known = kind === undefined ? undefined : KINDS.get(kind);
  const answer =
    kind === undefined || !Object.hasOwn(interactive, kind) ? undefined : asRecord(interactive[kind]);
  if (known && answer) return known(answer);
  const extras = Object.keys(interactive).length === 0 ? {} : { interactive };
  return { message: { type: kind || 'interactive', text: asString(answer?.body) ?? '' }, extras };
}
