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

/** Commands for a shell that show the stack at work: a receiver, a device, an endpoint, a test, and its row in the log. */
export function firstThingToTry({ registry, logService, internalToken }: StackFile): string {
  return `api() { curl -s -H 'authorization: Bearer ${internalToken}' -H 'content-type: application/json' "$@"; }
id() { node -p 'JSON.parse(require("fs").readFileSync(0)).id'; }
node -e 'require("http").createServer((q, s) => { q.pipe(process.stdout); s.end("thanks") }).listen(4190, "127.0.0.1")' &
DEVICE=$(api ${registry}/v1/devices -d '{"channel":"whatsapp","name":"My line"}' | id)
ENDPOINT=$(api ${registry}/v1/endpoints -d '{"name":"My receiver","url":"http://127.0.0.1:4190/","events":["incoming_message"],"deviceIds":["'$DEVICE'"]}' | id)
api ${registry}/v1/endpoints/$ENDPOINT/test -d '{"event":"incoming_message","deviceId":"'$DEVICE'"}'
api ${logService}/v1/deliveries`;
}
