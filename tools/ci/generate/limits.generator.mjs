import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { bytes, code, page, table } from './markdown.mjs';

const SHARED = 'libs/contracts/src/limits.ts';

/** The shared table of limits, and every number named `MAX_…` in libs and apps that has a comment to explain it. */
export function generate(root) {
  const text = page(
    'Limits',
    'Fixed limits of the code. Limits that an operator may change stand in [configuration.md](configuration.md); the limits of every field of the HTTP APIs in the OpenAPI documents beside this page.',
    `## Of events and messages\n\n${code(SHARED)}`,
    table(['limit', 'meaning', 'value'], sharedLimits(parse(root, SHARED))),
    '## Elsewhere',
    table(
      ['limit', 'meaning', 'value', 'where'],
      sourceFiles(root).flatMap((file) => singleLimits(parse(root, file)).map((row) => [...row, code(file)])),
    ),
  );
  return { 'docs/reference/limits.md': text };
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
