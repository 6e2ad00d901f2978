import type { StackFile } from './stack-file.js';

/** The addresses of a stack that has come up, for people. */
export function addresses(stack: StackFile): string {
  const rows: [string, string | undefined][] = [
    ['console', stack.console],
    ['registry', stack.registry],
    ['log service', stack.logService],
    ...Object.entries(stack.ingestors),
  ];
  const shown = rows.filter(([, url]) => url);
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, url]) => `  ${name.padEnd(width)}  ${url}`).join('\n');
}

/** A short sequence of commands that shows the stack at work. */
export function firstThingToTry(stack: StackFile): string {
  return `  TOKEN=${stack.internalToken}
  curl -H "Authorization: Bearer $TOKEN" ${stack.registry}/devices
  curl -H "Authorization: Bearer $TOKEN" ${stack.logService}/deliveries`;
}
