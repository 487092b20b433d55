// One protocol, written down in five places: docs/asyncapi.yaml, docs/openapi.yaml, docs/PROTOCOL.md, the names in
// auction-svc/core/event.h and the bytes in tests/golden. This holds them together (lessons F8, F9: an event was
// renamed on one side). Offline; exit 77 when the npm packages are not installed.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const problems = [];
const problem = (text) => problems.push(text);
const read = (...path) => readFileSync(join(root, ...path), 'utf8');

async function packages() {
  try {
    const [yaml, ajv, formats, asyncapi, openapi] = await Promise.all([
      import('yaml'),
      import('ajv/dist/2020.js'),
      import('ajv-formats'),
      import('@asyncapi/parser'),
      import('@seriousme/openapi-schema-validator'),
    ]);
    return { parseYaml: yaml.parse, Ajv: ajv.default.default ?? ajv.default, formats: formats.default.default ?? formats.default,
             AsyncApi: asyncapi.Parser, OpenApi: openapi.Validator };
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    console.log(`skipped: run "npm ci" in tests/ first (${error.message.split('\n')[0]})`);
    process.exit(77);
  }
}

const { parseYaml, Ajv, formats, AsyncApi, OpenApi } = await packages();
const asyncText = read('docs', 'asyncapi.yaml');
const documents = { 'asyncapi.yaml': parseYaml(asyncText), 'openapi.yaml': parseYaml(read('docs', 'openapi.yaml')) };
const async_ = documents['asyncapi.yaml'];

// ---- both documents are valid by their own standards ----

async function checkAsyncApi() {
  const diagnostics = await new AsyncApi().validate(asyncText);
  for (const found of diagnostics.filter((one) => one.severity === 0)) {
    problem(`asyncapi.yaml ${found.path.join('.')}: ${found.message}`);
  }
}

// The validator knows references inside one document only: the schemas of asyncapi.yaml are put beside those of openapi.yaml.
async function checkOpenApi() {
  const { components, ...rest } = documents['openapi.yaml'];
  const schemas = { ...async_.components.schemas, ...components.schemas };
  const bundled = JSON.stringify({ ...rest, components: { ...components, schemas } }).replaceAll('"asyncapi.yaml#/', '"#/');
  const result = await new OpenApi().validate(JSON.parse(bundled));
  if (!result.valid) problem(`openapi.yaml: ${JSON.stringify(result.errors, null, 1)}`);
}

// ---- every $ref leads somewhere, also from one document into the other ----

function target(reference, from) {
  const [file, pointer] = reference.split('#');
  const steps = (pointer ?? '').split('/').slice(1).map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return steps.reduce((value, step) => value?.[step], documents[file === '' ? from : file]);
}

function walk(value, visit, path = '') {
  if (value === null || typeof value !== 'object') return;
  visit(value, path);
  for (const [name, child] of Object.entries(value)) walk(child, visit, `${path}/${name}`);
}

function checkReferences() {
  let references = 0;
  for (const name of Object.keys(documents)) {
    walk(documents[name], (value, path) => {
      if (typeof value.$ref !== 'string') return;
      references += 1;
      if (target(value.$ref, name) === undefined) problem(`${name}${path}: ${value.$ref} leads nowhere`);
    });
  }
  return references;
}

// Schemas that nobody uses are left-overs of a change.
function checkSchemasAreUsed() {
  const used = new Set();
  for (const [name, document] of Object.entries(documents)) {
    walk(document, (value) => {
      if (typeof value.$ref === 'string') used.add(value.$ref.replace(/^#/, `${name}#`));
    });
  }
  for (const schema of Object.keys(async_.components.schemas)) {
    if (!used.has(`asyncapi.yaml#/components/schemas/${schema}`)) problem(`asyncapi.yaml: nobody uses the schema ${schema}`);
  }
}

// ---- golden bytes against their schemas ----

// For the golden bytes a member that the schema does not name is an error, though readers must ignore such members.
function strict(schema) {
  if (Array.isArray(schema)) return schema.map(strict);
  if (schema === null || typeof schema !== 'object') return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, strict(value)]));
  const closes = copy.properties !== undefined && copy.type !== undefined && copy.additionalProperties === undefined;
  return closes ? { ...copy, additionalProperties: false } : copy;
}

function validators() {
  const ajv = new Ajv({ strict: true, strictTypes: false, allowUnionTypes: true, strictRequired: false, allErrors: true });
  formats(ajv);
  for (const word of ['asyncapi', 'defaultContentType', 'servers', 'channels', 'operations', 'components', 'x-ephemeral']) ajv.addKeyword(word);
  ajv.addSchema({ $id: 'asyncapi.yaml', components: { schemas: strict(async_.components.schemas) } });
  const made = new Map();
  for (const [name, message] of Object.entries(async_.components.messages)) {
    const text = JSON.stringify(strict(message.payload)).replaceAll('"#/', '"asyncapi.yaml#/');
    made.set(name, ajv.compile(JSON.parse(text)));
  }
  return made;
}

// The checker must see what it is there for: a golden message with a member renamed, dropped or of another type fails.
function mutations(payload) {
  const [name] = Object.keys(payload).slice(-1);
  const { [name]: value, ...rest } = payload;
  return [{ ...rest, [`${name}_renamed`]: value }, rest, { ...rest, [name]: { wrong: [] } }];
}

const unkept = new Set(['connection_degraded', 'connection_restored', 'auction_left', 'board_field', 'relay', 'pulse']); // made elsewhere, or no JSON

function checkGolden() {
  const made = validators();
  const seen = new Set();
  for (const file of readdirSync(join(root, 'tests', 'golden')).filter((name) => name.endsWith('.json'))) {
    const message = file.split('.')[0];
    const validate = made.get(message);
    seen.add(message);
    if (validate === undefined) {
      problem(`tests/golden/${file}: asyncapi.yaml has no message ${message}`);
      continue;
    }
    const payload = JSON.parse(read('tests', 'golden', file));
    if (!validate(payload)) problem(`tests/golden/${file}: ${JSON.stringify(validate.errors)}`);
    if (message === 'command') continue; // its members belong to the op
    for (const mutation of mutations(payload)) {
      if (validate(mutation)) problem(`the schema of ${message} accepts ${JSON.stringify(mutation)}`);
    }
  }
  for (const message of made.keys()) {
    if (!seen.has(message) && !unkept.has(message)) problem(`asyncapi.yaml: message ${message} has no golden bytes`);
  }
  return seen.size;
}

// ---- names of events and their members: PROTOCOL.md, event.h, asyncapi.yaml ----

function protocolEvents() {
  const section = read('docs', 'PROTOCOL.md').split('\n## Events')[1].split('\n## ')[0];
  const rows = [...section.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, name, members]) => [name, members]);
  const private_ = [...section.matchAll(/"event":"(\w+)"/g)].map(([, name]) => name);
  const ephemeral = section.split('\nEphemeral:')[1].split('\n\n')[0];
  return { durable: new Map(rows), private_, ephemeral: [...ephemeral.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name) };
}

function sourceEvents() {
  const list = read('auction-svc', 'core', 'event.h').split('#define SALE_EVENTS(X)')[1].split('\n\n')[0];
  return new Set([...list.matchAll(/X\(\w+, "\w+", "(\w+)"\)/g)].map(([, name]) => name));
}

function compareNames(title, left, right) {
  for (const name of left) if (!right.has(name)) problem(`event ${name} is missing in ${title}`);
}

function resolve(schema) {
  return schema.$ref === undefined ? schema : resolve(target(schema.$ref, 'asyncapi.yaml'));
}

// Every member of the schema stands in the row of PROTOCOL.md, and every member that the row begins with is one.
function compareMembers(name, row) {
  const { properties } = resolve(async_.components.messages[name].payload);
  const words = new Set([...row.matchAll(/`(\w+)`/g)].map(([, word]) => word));
  const members = Object.keys(properties).filter((member) => !['seq', 'epoch', 'at'].includes(member));
  for (const member of members) {
    if (!words.has(member)) problem(`PROTOCOL.md: the row of ${name} lacks ${member}`);
  }
  const values = new Set(members.flatMap((member) => resolve(properties[member]).enum ?? []));
  for (const part of row.replace(/\([^)]*\)/g, '').split(/,(?![^[]*\])/)) {
    const word = part.match(/`(\w+)`/)?.[1];
    if (word !== undefined && !members.includes(word) && !values.has(word)) {
      problem(`asyncapi.yaml: ${name} lacks ${word}, which PROTOCOL.md has`);
    }
  }
}

function checkEvents() {
  const protocol = protocolEvents();
  const source = sourceEvents();
  const messages = Object.keys(async_.channels.saleEvent.messages);
  const durable = new Set(messages.filter((name) => !async_.components.messages[name]['x-ephemeral']));
  if (source.size < 10 || protocol.durable.size < 10) problem('the tables of events could not be read');
  compareNames('docs/PROTOCOL.md', durable, protocol.durable);
  compareNames('docs/PROTOCOL.md', source, protocol.durable);
  compareNames('auction-svc/core/event.h', new Set(protocol.durable.keys()), source);
  compareNames('asyncapi.yaml, channel saleEvent', new Set(protocol.durable.keys()), durable);
  compareNames('asyncapi.yaml, channel room', new Set([...durable, ...protocol.private_]), new Set(Object.keys(async_.channels.room.messages)));
  for (const name of protocol.private_) {
    if (async_.channels.salePrivate.messages[name] === undefined) problem(`asyncapi.yaml: salePrivate lacks ${name}`);
  }
  for (const name of ['next_lot_countdown', 'tick', 'lobby_updated', 'connection_degraded', 'connection_restored', 'auction_left']) {
    if (!protocol.ephemeral.includes(name)) problem(`PROTOCOL.md: the ephemeral events lack ${name}`);
    if (async_.channels.room.messages[name] === undefined) problem(`asyncapi.yaml: room lacks ${name}`);
  }
  for (const [name, row] of protocol.durable) if (durable.has(name)) compareMembers(name, row);
  return source.size;
}

// ---- codes, topics, routes and ops ----

function checkErrorCodes() {
  const rows = [...read('lib', 'base', 'error_code.h').matchAll(/X\((\w+), (\d+), "([^"]*)"\)/g)].filter(([, code]) => code !== 'NONE');
  const codes = rows.map(([, code]) => code);
  const section = read('docs', 'PROTOCOL.md').split('\n## Error codes')[1].split('\n## ')[0];
  const written = [...section.matchAll(/^\| `(\w+)` \| (\d+) \| (.*) \|$/gm)].map(([, ...row]) => row.join());
  if (written.join('\n') !== rows.map(([, ...row]) => row.join()).join('\n')) problem('PROTOCOL.md: the codes are not the list of error_code.h');
  const described = async_.components.schemas.ErrorCode.enum;
  if (codes.join() !== described.join()) problem(`asyncapi.yaml: ErrorCode is not the list of error_code.h: ${codes.filter((code) => !described.includes(code))}`);
}

function checkTopics() {
  const section = read('docs', 'PROTOCOL.md').split('\n## Topics')[1].split('\n## ')[0];
  const topics = [...section.matchAll(/^\| `(lotcast\/[^`]*)` \| ([^|]*) \| (\d) \|/gm)];
  const channels = new Map(Object.entries(async_.channels).map(([name, channel]) => [channel.address, name]));
  for (const [, topic, retained, qos] of topics) {
    const channel = channels.get(topic);
    if (channel === undefined) {
      problem(`asyncapi.yaml: no channel ${topic}`);
      continue;
    }
    const operation = Object.values(async_.operations).find((one) => one.channel.$ref === `#/channels/${channel}`);
    const { qos: says, retain } = operation.bindings.mqtt;
    if (says !== Number(qos) || retain !== retained.startsWith('yes')) problem(`asyncapi.yaml: qos or retain of ${topic} differ from PROTOCOL.md`);
  }
  if (topics.length !== channels.size - 1) problem('asyncapi.yaml: channels and topics of PROTOCOL.md differ in number');
}

function checkRoutes() {
  const section = read('docs', 'PROTOCOL.md').split('\n## HTTP')[1].split('\n## ')[0];
  const routes = [...section.matchAll(/^\| `(GET|POST) ([^`?]*)[^`]*`/gm)];
  if (routes.length < 15) problem('PROTOCOL.md: the routes could not be read');
  for (const [, method, path] of routes) {
    const known = documents['openapi.yaml'].paths[path === '/socket.io/socket.io.js' ? '/socket.io/{file}' : path];
    if (known?.[method.toLowerCase()] === undefined) problem(`openapi.yaml: no ${method} ${path}`);
  }
}

function checkOps() {
  const section = read('docs', 'PROTOCOL.md').split('\n## Commands')[1].split('\n## ')[0];
  const ops = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, op]) => op).sort();
  const described = async_.components.schemas.Command.oneOf.flatMap(({ properties }) => properties.op.const ?? properties.op.enum).sort();
  if (ops.join() !== described.join()) problem(`ops differ: PROTOCOL.md ${ops}, asyncapi.yaml ${described}`);
  const events = [...section.matchAll(/^\| `(\w+)` \| (?:`(\w+)`|-) \|/gm)].map(([, op, event]) => `${op} ${event ?? '-'}`).sort();
  const bridge = [...read('bridge', 'app', 'operation.h').matchAll(/X\(\w+, "(\w+)", (?:"(\w+)"|NULL),/g)].map(([, op, event]) => `${op} ${event ?? '-'}`).sort();
  const engine = [...read('auction-svc', 'service', 'order.c').matchAll(/^ {4}\{"(\w+)", ORDER_/gm)].map(([, op]) => op).sort();
  if (events.join() !== bridge.join()) problem(`Socket.IO events differ: PROTOCOL.md ${events}, operation.h ${bridge}`);
  if (engine.join() !== ops.join()) problem(`ops differ: PROTOCOL.md ${ops}, order.c ${engine}`);
}

await checkAsyncApi();
await checkOpenApi();
const references = checkReferences();
checkSchemasAreUsed();
const messages = checkGolden();
const events = checkEvents();
checkErrorCodes();
checkTopics();
checkRoutes();
checkOps();
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(`${messages} messages, ${events} event names, ${references} references agree`);
