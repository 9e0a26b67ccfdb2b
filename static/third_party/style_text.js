/** Lets a script import a style sheet as its text, small and with all that the sheet itself imports. */

import { build } from "esbuild";
import { dirname, join } from "node:path";

/** @type {import("esbuild").Plugin} */
export const styleText = {
  name: "style-text",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.css$/ }, ({ path, importer, kind }) =>
      kind === "import-statement" ? { path: join(dirname(importer), path), namespace: "style-text" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "style-text" }, async ({ path }) => {
      const { outputFiles } = await build({ entryPoints: [path], bundle: true, minify: true, write: false, logLevel: "silent" });
      return { contents: outputFiles[0]?.text.trim() ?? "", loader: "text" };
    });
  },
};
