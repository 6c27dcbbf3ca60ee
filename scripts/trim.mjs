// npm run trim: removes the binaries that onnxruntime-node brings for other systems than this one, some 240 MB.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const binaries = fileURLToPath(new URL('../node_modules/onnxruntime-node/bin/napi-v6', import.meta.url));
for (const system of readdirSync(binaries)) {
  for (const processor of readdirSync(join(binaries, system))) {
    if (system === process.platform && processor === process.arch) continue;
    rmSync(join(binaries, system, processor), { recursive: true });
  }
}
