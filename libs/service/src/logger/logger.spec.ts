import { describe, expect, it } from '@jest/globals';
import { neutral, PinoLogger } from './logger.js';

function logged(act: (logger: PinoLogger) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  act(new PinoLogger('test', 'debug', { write: (line: string) => void lines.push(line) }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('PinoLogger', () => {
  it('takes text and facts as Nest hands them over', () => {
    const [text, facts] = logged((logger) => {
      logger.log('started', 'context');
      logger.warn({ deviceId: 'd1' }, 'slow', 'context');
    });
    expect(text).toMatchObject({ level: 30, service: 'test', context: 'context', msg: 'started' });
    expect(facts).toMatchObject({ level: 40, deviceId: 'd1', context: 'context', msg: 'slow' });
  });

  it('removes secret members', () => {
    const [line] = logged((logger) => logger.log({ secret: 'a', endpoint: { password: 'b' } }, 'x', 'c'));
    expect(JSON.stringify(line)).not.toMatch(/"a"|"b"/);
  });

  it('makes text from outside harmless', () => {
    expect(neutral('a\n{"level":60}\u001b[31m\u202e')).toBe('a\\u000a{"level":60}\\u001b[31m\\u202e');
    expect(neutral('x'.repeat(5_000)).length).toBeLessThan(2_100);
    const [line] = logged((logger) => logger.log({ sender: 'a\nb' }, 'from\noutside', 'c'));
    expect(line).toMatchObject({ sender: 'a\\u000ab', msg: 'from\\u000aoutside' });
  });

  it('makes it harmless wherever it stands: in lists, in facts of facts, in names and in stacks', () => {
    const lines: string[] = [];
    const logger = new PinoLogger('test', 'debug', { write: (line: string) => void lines.push(line) });
    const evil = 'a\u009b31m\u202eb';
    logger.warn({ list: [evil], deep: { deeper: { [evil]: evil } }, error: new Error(evil) }, 'x', 'c');
    logger.error(evil, `Error: ${evil}`, evil);
    const loop: Record<string, unknown> = { secret: 's3cret' };
    loop['loop'] = loop;
    logger.log({ loop, many: Array.from({ length: 100_000 }, () => evil) }, 'x', 'c');
    logger.error(new Error(evil), 'x', 'c');
    expect(lines).toHaveLength(4);
    expect(JSON.parse(lines[3]!)).toMatchObject({ error: expect.stringMatching(/^Error: a/), msg: 'x' });
    expect(lines.join('')).not.toMatch(/[\u009b\u202e]|s3cret/);
    expect(lines[0]).toContain('a\\\\u009b31m\\\\u202eb');
    expect(lines.join('').length).toBeLessThan(20_000);
  });
});
