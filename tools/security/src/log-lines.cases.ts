import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { callIngestor, fonnteText, metaText } from '@kirisan/e2e';
import { waitFor } from '@kirisan/local-stack';
import { logFiles } from './everything-kept.js';
import { plant } from './plants.js';
import { sendRaw } from './send-raw.js';
import type { SecurityBed } from './security-bed.js';

const MARK = plant('LINE');
/** Would colour a terminal, hide or turn text around, and look like a line of its own. */
const HOSTILE = `${MARK}\r\n{"level":60,"msg":"forged"}\u001b]0;x\u0007\u001b[2J\u009b31m\u202e\u2028\u0085\u0000end`;
const BOT = `8800551166:lines`;

/** Text from outside in every place from which it may come into a log. */
export function logLines(bed: SecurityBed): void {
  describe('a line of a log', () => {
    beforeAll(async () => {
      bed.telegram.set(BOT, JSON.stringify({ ok: false, error_code: 400, description: HOSTILE }));
      const bot = await bed.device('telegram', { botToken: BOT });
      const line = await bed.device('whatsapp', {}, 'lines');
      await callIngestor(line.ingestUrl, fonnteText(9_001, HOSTILE, { name: HOSTILE, sender: HOSTILE }));
      await callIngestor(
        bot.ingestUrl,
        metaText({ phoneNumberId: HOSTILE, appSecret: HOSTILE }, [HOSTILE], HOSTILE),
      );
      bed.sink.on('/lines', (_request, response) => {
        response.socket!.end(`HTTP/1.1 999 ${HOSTILE}\r\n${HOSTILE}: ${HOSTILE}\r\n\r\n`);
      });
      await bed.endpoint('/lines', [line]);
      for (const base of [bed.running.stack.registry, bed.running.stack.logService, line.ingestUrl]) {
        const { port } = new URL(base);
        const path = `/v1/devices/${encodeURIComponent(HOSTILE)}`;
        await sendRaw(
          Number(port),
          `POST ${path} HTTP/1.1\r\nhost: ${MARK}\u009b31m\r\nconnection: close\r\n\r\n`,
        );
        await sendRaw(Number(port), `GET /\u001b[31m${MARK} HTTP/1.1\r\nhost: x\r\n\r\n`);
      }
      await waitFor(() => bed.running.logs('ingestor-telegram').includes(MARK), {
        what: "Telegram's words in the log",
      });
    }, 30_000);

    it('is one JSON object without anything that a terminal obeys, whoever wrote the text in it', () => {
      const services = readdirSync(`${bed.dir}/logs`).filter((name) => name.endsWith('.log'));
      expect(services.length).toBeGreaterThan(6);
      for (const [name, text] of Object.entries(logFiles(bed.dir))) {
        const lines = Buffer.from(text, 'latin1').toString('utf8').split('\n').filter(Boolean);
        for (const line of lines) {
          expect([
            name,
            /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/.exec(line),
          ]).toEqual([name, null]);
          expect([name, typeof JSON.parse(line)]).toEqual([name, 'object']);
          expect([name, (JSON.parse(line) as { msg: string }).msg === 'forged']).toEqual([name, false]);
        }
      }
    });
  });
}
