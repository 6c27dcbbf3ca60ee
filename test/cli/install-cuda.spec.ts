import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { installCudaProvider } from '../../apps/cli/src/cuda/install-cuda-provider.js';
import { PACKAGE } from '../../apps/cli/src/cuda/nuget.js';
import { zipOf } from '../support/zip-of.js';

const VERSION = '1.30.0';
const installed = [
  'cuda-provider.json',
  'libonnxruntime_providers_cuda.so',
  'libonnxruntime_providers_shared.so',
];

function packageOf(version: string, id = PACKAGE): Buffer {
  return zipOf({
    [`${id}.nuspec`]: Buffer.from(
      `<package><metadata><id>${id}</id><version>${version}</version></metadata></package>`,
    ),
    'runtimes/linux-x64/native/libonnxruntime_providers_shared.so': Buffer.from('shared'),
    'runtimes/linux-x64/native/libonnxruntime_providers_cuda.so': Buffer.from('cuda'),
  });
}

describe('installing the CUDA provider', () => {
  let folder: string;
  let server: Server;
  let address: string;
  /** What the server gives for each path. */
  let contents: Map<string, Buffer>;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'install-cuda-'));
    contents = new Map();
    server = createServer((request, response) => {
      const content = contents.get(request.url ?? '');
      response.writeHead(content ? 200 : 404).end(content);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    offer(packageOf(VERSION));
  });
  afterEach(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });

  /** Publishes a package with the digest of `listed`. */
  function offer(nupkg: Buffer, listed = nupkg): void {
    const id = PACKAGE.toLowerCase();
    const json = (value: unknown) => Buffer.from(JSON.stringify(value));
    const resources = [
      { '@id': `${address}/registration/`, '@type': 'RegistrationsBaseUrl/3.6.0' },
      { '@id': `${address}/flat`, '@type': 'PackageBaseAddress/3.0.0' },
    ];
    const hash = createHash('sha512').update(listed).digest('base64');
    contents.set('/index.json', json({ version: '3.0.0', resources }));
    contents.set(
      `/registration/${id}/${VERSION}.json`,
      json({ catalogEntry: `${address}/catalog/entry.json` }),
    );
    contents.set('/catalog/entry.json', json({ packageHash: hash, packageHashAlgorithm: 'SHA512' }));
    contents.set(`/flat/${id}/${VERSION}/${id}.${VERSION}.nupkg`, nupkg);
  }

  const install = (from?: string) =>
    installCudaProvider({
      runtime: { version: VERSION, libraryFolder: folder },
      index: `${address}/index.json`,
      from,
    });

  async function fileWith(content: Buffer): Promise<string> {
    const path = join(folder, 'carried.nupkg');
    await writeFile(path, content);
    return path;
  }

  async function expectRefusal(installation: Promise<unknown>, sentence: string | RegExp): Promise<void> {
    await expect(installation).rejects.toThrow(sentence);
    await expect(installation).rejects.toMatchObject({ code: 'cuda-install' });
    expect((await readdir(folder)).filter((file) => file !== 'carried.nupkg')).toEqual([]);
  }

  it("puts the libraries of the runtime's version beside it and writes down which they are", async () => {
    expect((await install()).onnxRuntime).toBe(VERSION);
    expect((await readdir(folder)).sort()).toEqual(installed);
    expect(await readFile(join(folder, 'libonnxruntime_providers_cuda.so'), 'utf8')).toBe('cuda');
  });

  it('refuses a download that is not what NuGet lists', async () => {
    offer(packageOf(VERSION), packageOf('1.2.3'));
    await expectRefusal(install(), 'its SHA-512 is not the one NuGet lists');
  });

  it('says what to do without internet, and takes a file that was carried over', async () => {
    server.close();
    server.closeAllConnections();
    await expectRefusal(
      install(),
      /cannot be reached. Without internet: download .* "npm run install:cuda -- --from FILE"/,
    );
    await install(await fileWith(packageOf(VERSION)));
    expect((await readdir(folder)).sort()).toEqual(['carried.nupkg', ...installed]);
  });

  it('refuses a package of another version, another package, and what is no package', async () => {
    await expectRefusal(
      install(await fileWith(packageOf('1.29.1'))),
      `${PACKAGE} 1.29.1, but the installed onnxruntime-node is 1.30.0`,
    );
    await expectRefusal(
      install(await fileWith(packageOf(VERSION, 'Something.Else'))),
      `is not the package ${PACKAGE}`,
    );
    await expectRefusal(install(await fileWith(Buffer.from('<html>'))), 'is not a NuGet package');
    await expectRefusal(install(join(folder, 'nothing')), 'is not there');
  });
});
