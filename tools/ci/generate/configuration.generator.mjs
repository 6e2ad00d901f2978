import { basename } from 'node:path';
import { getMetadataStorage } from 'class-validator';
import { settingsOf } from '../../../libs/service/dist/index.js';
import { configClasses, parentsOf } from './config-classes.mjs';
import { code, page, table } from './markdown.mjs';

/** Every setting of every program as a page, from the configuration classes of libs and apps. */
export async function generate(root) {
  const sections = [];
  for (const { type, folder, program } of await configClasses(root)) {
    const parents = parentsOf(type);
    const own = settingsOf(type).filter(({ property }) => isOwn(type, property));
    const title = folder.startsWith('libs/') ? everyName(type) : `${basename(folder)}${program}`;
    const also = folder.startsWith('apps/') && parents.length > 0 ? alsoText(parents) : '';
    if (own.length > 0)
      sections.push([`## ${title}`, also, settingsTable(type, own)].filter(Boolean).join('\n\n'));
  }
  const text = page(
    'Configuration',
    'Settings are environment variables. A variable `NAME` may also be given as `NAME_FILE`, the path of a file that holds the value; an empty variable counts as not set; lists are separated by commas. A service refuses to start with a setting that is wrong, and names it. An ingestor that is not listed has the settings of every service and every ingestor.',
    ...sections,
  );
  return { 'docs/reference/configuration.md': text };
}

const everyName = (type) => `Every ${type.name.replace(/Config$/, '').toLowerCase()}`;
const alsoText = (parents) => `Beside what is said of ${parents.map(everyName).join(', ').toLowerCase()}:`;

/** Of the settings that a class inherits, those are told again whose default is another. */
function isOwn(type, property) {
  const parent = parentsOf(type).at(-1);
  if (!parent || !settingsOf(parent).some((setting) => setting.property === property)) return true;
  return String(new parent()[property]) !== String(new type()[property]);
}

function settingsTable(type, settings) {
  const defaults = new type();
  const rows = settings.map((setting) => [
    code(setting.variable),
    setting.help + (setting.secret ? ' (secret)' : ''),
    setting.type,
    range(type, setting.property),
    shownDefault(defaults[setting.property], setting),
  ]);
  return table(['variable', 'meaning', 'type', 'allowed', 'default'], rows);
}

function shownDefault(value, { example }) {
  if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) {
    return example ? code(example) : '';
  }
  return code(value);
}

const RULES = {
  min: ([least]) => `at least ${least}`,
  max: ([most]) => `at most ${most}`,
  minLength: ([least]) => `at least ${least} characters`,
  maxLength: ([most]) => `at most ${most} characters`,
  isIn: ([values]) => values.join(', '),
  isNotEmpty: () => 'required',
  isUrl: () => 'a URL',
  matches: ([pattern]) => `matches ${code(pattern.source)}`,
};

function range(type, property) {
  const rules = getMetadataStorage()
    .getTargetValidationMetadatas(type, '', false, false)
    .filter((rule) => rule.propertyName === property && RULES[rule.name])
    .map((rule) => RULES[rule.name](rule.constraints ?? []));
  const bounds = ['at least ', 'at most '].map((words) => rules.find((rule) => rule.startsWith(words)));
  if (bounds.every((rule) => /^\D+ -?[\d.]+$/.test(rule ?? ''))) {
    const [least, most] = bounds.map((rule) => rule.replace(/^\D+ /, ''));
    return [`${least} to ${most}`, ...rules.filter((rule) => !bounds.includes(rule))].join(', ');
  }
  return [...new Set(rules)].join(', ');
}
