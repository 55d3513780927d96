/// <reference types="vitest/config" />
// Every `src/<name>/main.ts(x)` is an entry of its own; Django finds the built files through the manifest.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

type IconNodes = Record<string, [tag: string, attributes: Record<string, string>][]>;

/** All Tabler outline icons as name → inner SVG markup, for the `{% icon %}` template tag. */
function icons(): Plugin {
  const file = "node_modules/@tabler/icons/tabler-nodes-outline.json";
  return {
    name: "icons",
    apply: "build",
    generateBundle() {
      const nodes = JSON.parse(readFileSync(file, "utf8")) as IconNodes;
      const markup = Object.entries(nodes).map(([name, parts]) => [
        name,
        parts
          .map(([tag, attributes]) => {
            const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`);
            return `<${tag}${written.join("")}/>`;
          })
          .join(""),
      ]);
      this.emitFile({ type: "asset", fileName: "icons.json", source: JSON.stringify(Object.fromEntries(markup)) });
    },
  };
}

const entries = readdirSync("src")
  .flatMap((name) => [`src/${name}/main.ts`, `src/${name}/main.tsx`])
  .filter((file) => existsSync(file));

export default defineConfig({
  base: "/static/",
  publicDir: false,
  plugins: [react(), icons()],
  build: {
    outDir: "dist",
    manifest: "manifest.json",
    // Data URIs in scripts and styles would need a wider content security policy than we have.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    // htmx carries an eval that `allowEval = false` keeps from ever being reached.
    rollupOptions: { input: entries, checks: { eval: false } },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    testTimeout: 30_000, // a machine that does other things as well may take its time
  },
});
