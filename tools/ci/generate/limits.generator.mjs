import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { bytes, code, page, table } from './markdown.mjs';

/** Every exported table of limits (`LIMITS` or `SOMETHING_LIMITS` in a `*limits.ts`), with its comments, as a page. */
export async function generate(root) {
  const sections = [];
  for (const file of limitFiles(root)) sections.push(...(await sectionsOf(root, file)));
  const text = page(
    'Limits',
    'Fixed limits of the code. Limits that an operator may change stand in [configuration.md](configuration.md); the limits of every field of the HTTP APIs in the OpenAPI documents beside this page.',
    ...sections,
  );
  return { 'docs/reference/limits.md': text };
}

function limitFiles(root) {
  return ['libs', 'apps'].flatMap((storey) =>
    readdirSync(join(root, storey)).flatMap((name) => {
      const source = join(storey, name, 'src');
      return readdirSync(join(root, source), { recursive: true })
        .filter((file) => /(^|[/.-])limits\.ts$/.test(file))
        .sort()
        .map((file) => join(source, file));
    }),
  );
}

async function sectionsOf(root, file) {
  const source = ts.createSourceFile(
    file,
    readFileSync(join(root, file), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const values = await import(
    pathToFileURL(join(root, file.replace('/src/', '/dist/').replace(/ts$/, 'js'))).href
  );
  return source.statements.flatMap((statement) => {
    const declaration = ts.isVariableStatement(statement) && statement.declarationList.declarations[0];
    const name = declaration && declaration.name.getText();
    if (!name || !(name in values) || !/LIMITS$/.test(name)) return [];
    const rows = propertiesOf(declaration.initializer).map((property) => {
      const key = property.name.getText();
      return [code(key), commentOf(property), shown(key, values[name][key])];
    });
    return `## ${commentOf(statement).replace(/\.$/, '')}\n\n${code(file)}\n\n${table(['limit', 'meaning', 'value'], rows)}`;
  });
}

function propertiesOf(initializer) {
  const literal =
    ts.isAsExpression(initializer) || ts.isSatisfiesExpression(initializer)
      ? initializer.expression
      : initializer;
  return ts.isObjectLiteralExpression(literal) ? literal.properties : propertiesOf(literal);
}

function commentOf(node) {
  const [comment] = ts.getJSDocCommentsAndTags(node);
  const text = ts.getTextOfJSDocComment(comment?.comment) ?? '';
  return text.split('\n')[0].trim() && text.replaceAll('\n', ' ').trim();
}

function shown(key, value) {
  return /bytes/i.test(key) ? bytes(value) : String(value);
}
