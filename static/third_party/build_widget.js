/** Bundles the loader of the embed widget into one classic script, `static/vendor/widget/widget.js`, which `/widget.js` hands out. */

import { build } from "esbuild";
import { styleText } from "./style_text.js";

await build({
  entryPoints: ["static/js/widget/main.js"],
  outfile: "static/vendor/widget/widget.js",
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2019",
  charset: "utf8", // the server names the encoding, and the words of the languages stay half as long
  mangleProps: /^[a-z]+_$/, // see record.js
  tsconfigRaw: {}, // the checker's is not the bundler's: it would only add a line
  plugins: [styleText],
  logLevel: "warning",
}).catch(() => process.exit(1)); // what is wrong has been printed
