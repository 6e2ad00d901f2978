// npm run new-channel -- <name> [provider]: makes apps/ingestor-<name> from the template beside this file.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const TEMPLATE = join(import.meta.dirname, 'template');

/** Writes the folder of a new channel below `root`; throws for a name that is taken or none. Returns the folder. */
export function newChannel(root, name, provider = name) {
  for (const word of [name, provider]) {
    if (!/^[a-z][a-z0-9]{1,30}$/.test(word))
      throw new Error(`"${word}": use lower-case letters and digits, a letter first`);
  }
  const folder = join(root, 'apps', `ingestor-${name}`);
  if (existsSync(folder)) throw new Error(`${folder} is there already`);
  const words = { channel: name, provider, Provider: provider[0].toUpperCase() + provider.slice(1) };
  const fill = (text) => text.replace(/__(channel|provider|Provider)__/g, (_, word) => words[word]);
  for (const file of readdirSync(TEMPLATE, { recursive: true })) {
    if (statSync(join(TEMPLATE, file)).isDirectory()) continue;
    const target = join(folder, fill(file.replace(/\.template$/, '')));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, fill(readFileSync(join(TEMPLATE, file), 'utf8')));
  }
  return folder;
}

if (process.argv[1] === import.meta.filename) {
  try {
    const [name = '', provider] = process.argv.slice(2);
    process.stdout.write(`made ${newChannel(join(import.meta.dirname, '..', '..'), name, provider)}\n`);
    process.stdout.write(
      'Next: npm install, a service in docker-compose.yml, and docs/guides/add-a-channel.md\n',
    );
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
