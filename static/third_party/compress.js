/** Writes `.gz` and `.br` beside every file of the folders named, for a server that hands them out ready-made. */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

for (const folder of process.argv.slice(2)) {
  for (const name of readdirSync(folder).filter((entry) => /\.(js|css)$/.test(entry))) {
    const path = join(folder, name);
    const content = readFileSync(path);
    writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
    writeFileSync(`${path}.br`, brotliCompressSync(content));
  }
}
