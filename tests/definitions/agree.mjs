// docs/sale-definition.schema.json and the engine's reader say the same: every member of the one is in the other, and both
// give the same verdict on cases.json and on the examples. What a schema can't say (sums, order, lengths in bytes) stands in
// cases.json as "beyond": there the engine alone refuses. Offline; exit 77 when the npm packages are not installed.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const engine = join(process.env.LOTCAST_BIN ?? join(root, 'build', 'asan', 'bin'), 'definition_verdict');
const problems = [];

async function compileSchema(schema) {
  try {
    const ajv = (await import('ajv/dist/2020.js')).default;
    return new (ajv.default ?? ajv)({ strict: true, strictTypes: false, strictTuples: false, strictRequired: false, allowUnionTypes: true }).compile(schema);
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    console.log('skipped: run "npm ci" in tests/ first');
    process.exit(77);
  }
}

const schema = JSON.parse(readFileSync(join(root, 'docs', 'sale-definition.schema.json'), 'utf8'));
const validate = await compileSchema(schema);

// ---- members ----

function memberPaths(part, prefix = '', found = new Set()) {
  if (part === null || typeof part !== 'object') return found;
  if (part.$ref !== undefined) memberPaths(schema.$defs[part.$ref.split('/').pop()], prefix, found);
  for (const [name, value] of Object.entries(part.properties ?? {})) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    found.add(path);
    memberPaths(value, path, found);
  }
  for (const each of part.oneOf ?? []) memberPaths(each, prefix, found);
  if (part.items !== undefined) memberPaths(part.items, prefix, found);
  return found;
}

const inSchema = memberPaths(schema);
const inEngine = new Set(execFileSync(engine, ['--members'], { encoding: 'utf8' }).trim().split('\n'));
for (const path of inEngine) if (!inSchema.has(path)) problems.push(`the schema lacks ${path}`);
for (const path of inSchema) if (!inEngine.has(path)) problems.push(`the engine does not know ${path}`);
if (inEngine.size < 90) problems.push(`only ${inEngine.size} members were found`);

// ---- verdicts ----

const { base, cases } = JSON.parse(readFileSync(join(here, 'cases.json'), 'utf8'));
const examples = join(root, 'docs', 'examples', 'sales');
const given = cases.map(({ says, sale, whole, detail }) => ({ says, detail, sale: whole ?? { ...base, ...sale } }));
for (const name of readdirSync(examples)) {
  given.push({ says: 'good', name, sale: JSON.parse(readFileSync(join(examples, name), 'utf8')) });
}
const answers = execFileSync(engine, [], { input: given.map(({ sale }) => `${JSON.stringify(sale)}\n`).join(''), encoding: 'utf8' }).trim().split('\n');
if (answers.length !== given.length) problems.push(`${given.length} cases, ${answers.length} answers`);
given.forEach(({ says, sale, detail, name }, at) => {
  const text = name ?? JSON.stringify(sale);
  const [code, place] = answers[at].split(' ');
  const bySchema = validate(sale);
  if ((code === 'ok') !== (says === 'good')) problems.push(`the engine says ${answers[at]} to a ${says} one: ${text}`);
  if (bySchema !== (says !== 'bad')) problems.push(`the schema says ${bySchema ? 'ok' : JSON.stringify(validate.errors)} to a ${says} one: ${text}`);
  if (detail !== undefined && place !== detail) problems.push(`${place} instead of ${detail}: ${text}`);
  if (says !== 'good' && detail === undefined) problems.push(`no detail: ${text}`);
});

if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(`${inEngine.size} members and ${given.length} definitions agree`);
