import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { debianMirror } from './apt-download.js';

describe('debianMirror', () => {
  let etc: string;
  beforeEach(() => {
    etc = mkdtempSync(join(tmpdir(), 'kirisan-etc-'));
    mkdirSync(join(etc, 'sources.list.d'));
  });
  afterEach(() => rmSync(etc, { recursive: true }));

  it('finds the main archive and its key in the newer format', () => {
    const text = `Types: deb
URIs: http://security.example/debian-security
Suites: bookworm-security

Types: deb
# a comment
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`;
    writeFileSync(join(etc, 'sources.list.d', 'debian.sources'), text);
    expect(debianMirror(etc)).toEqual({
      uri: 'http://mirror.example/debian',
      signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg',
    });
  });

  it('finds it in the older format', () => {
    const text = `# deb http://commented.example/debian bookworm main
deb http://packages.example/thing stable main
deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian/ bookworm main
`;
    writeFileSync(join(etc, 'sources.list'), text);
    expect(debianMirror(etc)).toEqual({ uri: 'http://mirror.example/debian/', signedBy: '/k.gpg' });
  });

  it('does not take what another program switched off', () => {
    writeFileSync(
      join(etc, 'sources.list.d', 'x.list.disabled'),
      'deb http://mirror.example/debian sid main\n',
    );
    expect(() => debianMirror(etc)).toThrow(/no Debian mirror/);
  });
});
