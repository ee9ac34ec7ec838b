// Builds styles, scripts, fonts and icons from npm packages into foundation/ui/static/ui/build/.
import { createHash } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import path from "node:path";
import { gzipSync } from "node:zlib";
import esbuild from "esbuild";
import { ICONS } from "./icons.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(here);
const out = path.join(root, "src/haidang/foundation/ui/static/ui/build");

const options = {
  absWorkingDir: root,
  entryPoints: { page: "frontend/page.js", styles: "frontend/css/styles.css" },
  outdir: out,
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022"],
  minify: true,
  metafile: true,
  legalComments: "linked",
  loader: { ".woff2": "file" },
  logLevel: "warning",
  external: [],
};

/** One SVG file with a <symbol> for every icon that a page may use. */
async function sprite() {
  const symbols = await Promise.all(
    ICONS.map(async (name) => {
      const file = path.join(root, "node_modules/lucide-static/icons", `${name}.svg`);
      const body = (await readFile(file, "utf8")).match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1];
      return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${body.replace(/\s+/g, " ").trim()}</symbol>`;
    }),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

/** Which built file answers to which short name, read by the template tag `asset`. */
function manifest(metafile) {
  const names = {};
  for (const [file, about] of Object.entries(metafile.outputs)) {
    const built = path.basename(file);
    if (about.entryPoint) {
      names[path.basename(about.entryPoint)] = built;
    } else if (built.endsWith(".woff2")) {
      names[built.replace(/-[A-Z0-9]{8}\.woff2$/, ".woff2")] = built;
    }
  }
  return names;
}

/** Beside each text its compressed twin, which WhiteNoise sends instead. */
async function squeeze() {
  for (const name of await readdir(out)) {
    if (!/\.(js|css|svg)$/.test(name)) continue;
    const file = path.join(out, name);
    await writeFile(`${file}.gz`, gzipSync(await readFile(file), { level: 9 }));
  }
}

const watching = process.argv.includes("--watch");
await rm(out, { recursive: true, force: true });

const finish = {
  name: "finish",
  setup(build) {
    build.onEnd(async (result) => {
      if (result.errors.length) return;
      const names = manifest(result.metafile);
      const icons = await sprite();
      const mark = createHash("sha256").update(icons).digest("hex").slice(0, 8).toUpperCase();
      names["icons.svg"] = `icons-${mark}.svg`;
      await writeFile(path.join(out, names["icons.svg"]), icons);
      await writeFile(path.join(out, "manifest.json"), JSON.stringify(names, null, 1));
      await squeeze();
    });
  },
};
const context = await esbuild.context({ ...options, plugins: [finish] });
if (watching) await context.watch();
else {
  await context.rebuild();
  await context.dispose();
}
