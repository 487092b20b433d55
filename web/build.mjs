// Builds the pages into dist/, or with --tests the unit tests into build/tests/.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const pages = ["index", "room", "console", "hall"];
const common = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "warning",
};

async function buildTests() {
  const out = join(root, "build/tests");
  await rm(out, { recursive: true, force: true });
  const files = (await readdir(join(root, "test"))).filter((name) => name.endsWith(".test.ts"));
  await build({
    ...common,
    entryPoints: files.map((name) => join("test", name)),
    outdir: out,
    outExtension: { ".js": ".mjs" },
    platform: "node",
    target: "node18",
    sourcemap: "inline",
  });
}

// The chunks that an entry needs before it can run, so that the page asks for all of them at once.
function imports(metafile, output, found = new Set()) {
  for (const item of metafile.outputs[output].imports) {
    if (item.kind === "import-statement" && !found.has(item.path)) {
      found.add(item.path);
      imports(metafile, item.path, found);
    }
  }
  return [...found];
}

async function hashedCopy(file, assets) {
  const bytes = await readFile(file);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8).toUpperCase();
  const name = basename(file).replace(/(\.[a-z0-9]+)$/, `-${hash}$1`);
  await writeFile(join(assets, name), bytes);
  return `/assets/${name}`;
}

async function buildPages() {
  const dist = join(root, "dist");
  const assets = join(dist, "assets");
  await rm(dist, { recursive: true, force: true });
  await mkdir(assets, { recursive: true });
  const result = await build({
    ...common,
    entryPoints: [...pages.map((name) => `src/pages/${name}.tsx`), "src/styles/app.css"],
    outdir: assets,
    entryNames: "[name]-[hash]",
    chunkNames: "shared-[hash]",
    splitting: true,
    minify: true,
    sourcemap: "linked",
    metafile: true,
    target: ["es2020", "chrome90", "firefox90", "safari15"],
    define: { "process.env.NODE_ENV": '"production"' },
  });
  const outputs = Object.entries(result.metafile.outputs);
  const address = (path) => `/${relative("dist", path)}`;
  const output = (entry) => outputs.find(([, value]) => value.entryPoint === entry)[0];
  const style = address(output("src/styles/app.css"));
  const icon = await hashedCopy(join(root, "static/icon.svg"), assets);
  for (const name of pages) {
    const script = output(`src/pages/${name}.tsx`);
    const preloads = imports(result.metafile, script)
      .map((path) => `<link rel="modulepreload" href="${address(path)}">`)
      .join("\n    ");
    const text = (await readFile(join(root, `pages/${name}.html`), "utf8"))
      .replace("{{style}}", style)
      .replace("{{icon}}", icon)
      .replace("{{preloads}}", preloads)
      .replace("{{script}}", address(script));
    await writeFile(join(dist, `${name}.html`), text);
  }
}

await (process.argv.includes("--tests") ? buildTests() : buildPages());
