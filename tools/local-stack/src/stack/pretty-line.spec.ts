import { describe, expect, it } from '@jest/globals';
import { Prettifier } from './pretty-line.js';

const plain = new Prettifier(['router', 'log-service'], false);

describe('Prettifier', () => {
  it('shows a JSON line as words, with what is special about it', () => {
    const line = JSON.stringify({
      level: 40,
      time: 1,
      pid: 2,
      hostname: 'h',
      msg: 'slow',
      ms: 12,
      what: { a: 1 },
    });
    expect(plain.format('router', line)).toBe('router      WARN slow ms=12 what={"a":1}');
  });

  it('does not say that information is information', () => {
    expect(plain.format('log-service', '{"level":30,"msg":"listening"}')).toBe('log-service listening');
  });

  it('keeps the stack trace of an error readable', () => {
    const line = JSON.stringify({
      level: 50,
      msg: 'failed',
      err: { type: 'Error', stack: 'Error: x\n    at y' },
    });
    expect(plain.format('router', line)).toBe('router      ERROR failed err=Error: x\n    at y');
  });

  it('leaves out what Nest says at every start, unless it is a warning', () => {
    const line = (level: number) => JSON.stringify({ level, context: 'RouterExplorer', msg: 'Mapped' });
    expect(plain.format('router', line(30))).toBeUndefined();
    expect(plain.format('router', line(40))).toBe('router      WARN Mapped context=RouterExplorer');
  });

  it.each(['plain words', '{not json', '{"without":"level"}'])('leaves %s alone', (line) => {
    expect(plain.format('router', line)).toBe(`router      ${line}`);
  });
});
