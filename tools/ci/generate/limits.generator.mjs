import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { settingsOf } from '../../../libs/service/dist/index.js';
import { configClasses } from './config-classes.mjs';
import { bytes, code, page, table } from './markdown.mjs';
import { generate as openApiDocuments } from './openapi.generator.mjs';

const SHARED = 'libs/contracts/src/limits.ts';

/**
 * Every limit of the code on one page: the shared table, every number named `MAX_…` in libs and apps that has a comment
 * to explain it, the settings that limit something, and what the HTTP APIs say of their fields.
 */
export async function generate(root) {
  const text = page(
    'Limits',
    'What is larger, longer, deeper, more or later than this is refused, cut or put off, as each line says. Requests to the internal APIs that break the limit of a field are answered 400 with its name, unknown fields too; JSON that is none, 400; other content types, 415.',
    `## Of events and messages\n\n${code(SHARED)}`,
    table(['limit', 'meaning', 'value'], sharedLimits(parse(root, SHARED))),
    '## Settings',
    table(['setting', 'meaning', 'default', 'of'], await settingLimits(root)),
    '## Fields of the internal APIs',
    table(['field', 'at least', 'at most', 'of'], fieldLimits(root)),
    '## Fixed in the code',
    table(
      ['limit', 'meaning', 'value', 'where'],
      sourceFiles(root).flatMap((file) => singleLimits(parse(root, file)).map((row) => [...row, code(file)])),
    ),
  );
  return { 'docs/reference/limits.md': text };
}

const LIMITS_SOMETHING =
  /max|limit|timeout|horizon|share|inFlight|retention|grace|inHand|(claim|slot|interrupt|body|answer).*Ms$/i;

async function settingLimits(root) {
  const rows = new Map();
  for (const { type, folder } of await configClasses(root)) {
    const defaults = new type();
    for (const { property, variable, help, type: kind } of settingsOf(type)) {
      if (
        kind !== 'number' ||
        !LIMITS_SOMETHING.test(property) ||
        rows.has(`${variable} ${defaults[property]}`)
      )
        continue;
      rows.set(`${variable} ${defaults[property]}`, [
        code(variable),
        help,
        String(defaults[property]),
        code(folder),
      ]);
    }
  }
  return [...rows.values()];
}

/** From the OpenAPI documents: of parameters, and of the members of what is sent. */
function fieldLimits(root) {
  return Object.entries(openApiDocuments(root)).flatMap(([path, text]) => {
    const { paths, components } = JSON.parse(text);
    const app = code(basename(path, '.openapi.json'));
    const parameters = Object.entries(paths).flatMap(([route, methods]) =>
      Object.values(methods).flatMap(({ parameters = [] }) =>
        parameters.map(({ name, schema }) => [`${route}?${name}`, schema]),
      ),
    );
    const members = Object.entries(components?.schemas ?? {})
      .filter(([name]) => name.endsWith('Dto'))
      .flatMap(([name, { properties = {} }]) =>
        Object.entries(properties).map(([member, schema]) => [
          `${name.replace(/Dto$/, '')}.${member}`,
          schema,
        ]),
      );
    return [...parameters, ...members]
      .map(([field, schema]) => [code(field), leastOf(schema), mostOf(schema), app])
      .filter(([, , most]) => most);
  });
}

const leastOf = ({ minimum, minItems }) => String(minimum ?? minItems ?? '');

function mostOf({ maximum, maxLength, maxItems, enum: words, items }) {
  if (maxLength !== undefined) return `${maxLength} characters`;
  if (maxItems !== undefined) return `${maxItems} items`;
  if (maximum !== undefined) return String(maximum);
  const choice = words ?? items?.enum;
  return choice ? choice.join(', ') : '';
}

function sourceFiles(root) {
  return ['libs', 'apps'].flatMap((storey) =>
    readdirSync(join(root, storey))
      .sort()
      .map((name) => `${storey}/${name}/src`)
      .flatMap((folder) =>
        readdirSync(join(root, folder), { recursive: true })
          .filter((file) => /\.ts$/.test(file) && !/spec\.ts$|(^|\/)testing\//.test(file))
          .sort()
          .map((file) => `${folder}/${file}`),
      ),
  );
}

function parse(root, file) {
  return ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
}

function sharedLimits(source) {
  return constants(source).flatMap(({ initializer }) => {
    const literal = ts.isAsExpression(initializer) ? initializer.expression : initializer;
    return literal.properties.map((property) => {
      const name = property.name.getText();
      return [code(name), commentOf(property), shown(name, numberOf(property.initializer))];
    });
  });
}

function singleLimits(source) {
  return constants(source)
    .map(({ statement, name, initializer }) => [name, commentOf(statement), numberOf(initializer)])
    .filter(([name, comment, value]) => name.startsWith('MAX_') && comment && value !== undefined)
    .map(([name, comment, value]) => [code(name), comment, shown(name, value)]);
}

function constants(source) {
  return source.statements.flatMap((statement) => {
    const declaration = ts.isVariableStatement(statement) && statement.declarationList.declarations[0];
    if (!declaration?.initializer) return [];
    return [{ statement, name: declaration.name.getText(), initializer: declaration.initializer }];
  });
}

/** The value of a number or a product of numbers. */
function numberOf(node) {
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.AsteriskToken)
    return undefined;
  const [left, right] = [numberOf(node.left), numberOf(node.right)];
  return left === undefined || right === undefined ? undefined : left * right;
}

function commentOf(node) {
  const [comment] = ts.getJSDocCommentsAndTags(node);
  return (ts.getTextOfJSDocComment(comment?.comment) ?? '').replaceAll('\n', ' ').trim();
}

function shown(name, value) {
  return /bytes/i.test(name) ? bytes(value) : String(value);
}
