import { copyFile, mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('..', import.meta.url));
const output = join(repository, 'dist');

// The compiler unpacks its native library into the user's cache folder unless it is given another place.
process.env.SWC_NATIVE_BINDING_CACHE = join(repository, '.cache/swc');

/** What changes every output when it changes. */
const settings = ['.swcrc', 'node_modules/@swc/core/package.json', 'scripts/compile.mjs'];

/**
 * Brings `dist` up to date with the TypeScript of some folders: compiles what changed, copies what is not TypeScript and
 * removes what has no source any more. An output has its source's time, so that the two are compared without a record.
 *
 * @param {readonly string[]} folders within the repository
 */
export async function compile(folders) {
  const inputs = (await Promise.all(folders.map((folder) => filesOf(folder))))
    .flat()
    .filter((path) => !path.endsWith('.spec.ts'));
  await removeOthers(folders, new Set(inputs.flatMap(outputsOf)));

  const changedSettings = Math.max(...(await Promise.all(settings.map(timeOf))));
  const stale = await Promise.all(
    inputs.map(async (path) => {
      const [written, built] = await Promise.all([
        timeOf(path),
        stat(join(output, nameOf(path))).catch(() => undefined),
      ]);
      return !built || Math.abs(built.mtimeMs - written) > 1 || built.ctimeMs < changedSettings;
    }),
  );
  const changed = inputs.filter((_, index) => stale[index]);
  if (changed.length === 0) return;
  const { transformFile } = await import('@swc/core');
  await Promise.all(changed.map((path) => build(path, transformFile)));
}

async function build(path, transformFile) {
  const from = join(repository, path);
  const to = join(output, nameOf(path));
  await mkdir(dirname(to), { recursive: true });
  if (path.endsWith('.ts')) {
    const { code, map } = await transformFile(from, {
      cwd: repository,
      sourceFileName: relative(dirname(to), from),
    });
    await writeFile(`${to}.map`, map);
    await writeFile(to, `${code}\n//# sourceMappingURL=${basename(to)}.map\n`);
  } else {
    await copyFile(from, to);
  }
  const { atime, mtime } = await stat(from);
  await utimes(to, atime, mtime);
}

const nameOf = (path) => path.replace(/\.ts$/, '.js');
const outputsOf = (path) => (path.endsWith('.ts') ? [nameOf(path), `${nameOf(path)}.map`] : [path]);
const timeOf = async (path) => (await stat(join(repository, path))).mtimeMs;

async function filesOf(folder, root = repository) {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

async function removeOthers(folders, wanted) {
  const built = (await Promise.all(folders.map((folder) => filesOf(folder, output)))).flat();
  await Promise.all(built.filter((path) => !wanted.has(path)).map((path) => rm(join(output, path))));
}
