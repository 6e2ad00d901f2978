import { join } from 'node:path';
import ts from 'typescript';

const SOURCE = 'libs/contracts/src/events.ts';
const PAYLOADS = {
  incoming_message: 'IncomingMessagePayload',
  submission: 'SubmissionPayload',
  message_status: 'MessageStatusPayload',
};

/** JSON Schemas of what receivers get, from the types that the code is compiled with. */
export function generate(root) {
  const program = ts.createProgram([join(root, SOURCE)], { strict: true, noEmit: true, types: [] });
  const checker = program.getTypeChecker();
  const exported = checker.getExportsOfModule(
    checker.getSymbolAtLocation(program.getSourceFile(join(root, SOURCE))),
  );
  const files = Object.entries(PAYLOADS).map(([event, name]) => {
    const symbol = exported.find((candidate) => candidate.name === name);
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: event,
      ...described(symbol, checker),
      ...schemaOf(checker.getDeclaredTypeOfSymbol(symbol), checker),
    };
    return [`docs/reference/schemas/${event}.json`, `${JSON.stringify(schema, null, 2)}\n`];
  });
  return Object.fromEntries(files);
}

const KEYWORDS = [
  [ts.TypeFlags.String, { type: 'string' }],
  [ts.TypeFlags.Number, { type: 'number' }],
  [ts.TypeFlags.Boolean, { type: 'boolean' }],
  [ts.TypeFlags.Unknown | ts.TypeFlags.Any, {}],
];

function schemaOf(type, checker) {
  const keyword = KEYWORDS.find(([flag]) => type.flags & flag);
  if (keyword) return keyword[1];
  if (type.isLiteral()) return { const: type.value };
  if (type.isUnion()) return unionOf(type, checker);
  if (checker.isArrayType(type)) {
    return { type: 'array', items: schemaOf(checker.getTypeArguments(type)[0], checker) };
  }
  if (type.flags & ts.TypeFlags.Object) return objectOf(type, checker);
  throw new Error(`a payload holds a type without JSON Schema: ${checker.typeToString(type)}`);
}

function unionOf(type, checker) {
  const members = type.types.filter(({ flags }) => !(flags & ts.TypeFlags.Undefined));
  if (members.every((member) => member.isLiteral())) return { enum: members.map(({ value }) => value) };
  if (members.length === 1) return schemaOf(members[0], checker);
  return { anyOf: members.map((member) => schemaOf(member, checker)) };
}

function objectOf(type, checker) {
  const members = checker.getPropertiesOfType(type);
  const required = members.filter(({ flags }) => !(flags & ts.SymbolFlags.Optional)).map(({ name }) => name);
  return {
    type: 'object',
    ...(members.length > 0 && {
      properties: Object.fromEntries(members.map((member) => [member.name, memberOf(member, checker)])),
    }),
    ...(required.length > 0 && { required }),
  };
}

function memberOf(member, checker) {
  const type = schemaOf(checker.getTypeOfSymbol(member), checker);
  const integer = member.getJsDocTags().some(({ name }) => name === 'integer');
  return { ...(integer ? { ...type, type: 'integer' } : type), ...described(member, checker) };
}

function described(symbol, checker) {
  const description = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  return description ? { description } : {};
}
