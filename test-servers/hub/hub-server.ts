import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join, relative } from 'node:path';

import { FileDigests } from './file-digests.js';

/** How the server misbehaves; each may be changed while it runs. */
export interface Faults {
  /** Requests for bytes of which only half is sent before the connection is cut. */
  breaks: number;
  /** Added to every size in listings. */
  sizeLie: number;
  /** Sends whole files whatever range was asked for. */
  ignoresRanges: boolean;
  /** The name of a file of which it sends a wrong bit. */
  corrupted: string | undefined;
}

/** A repository's file, requested by a range. */
export interface FileRequest {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Answers like the Hugging Face hub: listings, redirects from `resolve` to a storage address, ranges, and tokens
 * for gated repositories (https://huggingface.co/docs/hub/api). Repositories are folders below `root`, such as
 * `Vision-CAIR/vicuna` or `spaces/Vision-CAIR/minigpt4`.
 */
export class HubServer {
  readonly faults: Faults = { breaks: 0, sizeLie: 0, ignoresRanges: false, corrupted: undefined };
  /** Requests for bytes, oldest first. */
  readonly fileRequests: FileRequest[] = [];
  /** Repositories that ask for this token. */
  readonly gated = new Map<string, string>();
  private readonly server: Server;
  private readonly digests = new FileDigests();

  private constructor(private readonly root: string) {
    // A busy machine can be away for the 5 s after which Node closes a connection, in the moment it is used again.
    this.server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
      this.answer(request, response).catch(() => response.destroy());
    });
  }

  static async start(root: string): Promise<HubServer> {
    const hub = new HubServer(root);
    await new Promise<void>((resolve) => hub.server.listen(0, '127.0.0.1', resolve));
    return hub;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', this.endpoint);
    const listing = /^\/api\/(models|spaces)\/([^/]+\/[^/]+)\/tree\/main$/.exec(pathname);
    if (listing)
      return this.list(listing[1] === 'spaces' ? `spaces/${listing[2]}` : listing[2]!, request, response);
    const resolved = /^\/((?:spaces\/)?[^/]+\/[^/]+)\/resolve\/main\/(.+)$/.exec(pathname);
    if (resolved) return this.redirect(resolved[1]!, resolved[2]!, request, response);
    const stored = /^\/storage\/(.+)$/.exec(pathname);
    if (stored) return this.send(stored[1]!, request, response);
    response.writeHead(404).end();
  }

  private mayRead(repository: string, request: IncomingMessage, response: ServerResponse): boolean {
    const token = this.gated.get(repository);
    if (token === undefined || request.headers.authorization === `Bearer ${token}`) return true;
    response.writeHead(401, { 'content-type': 'application/json', 'x-error-code': 'GatedRepo' });
    response.end(JSON.stringify({ error: 'Access to this repository is restricted' }));
    return false;
  }

  private async list(repository: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.mayRead(repository, request, response)) return;
    const recursive = new URL(request.url ?? '/', this.endpoint).searchParams.get('recursive') === 'true';
    const found = await readdir(join(this.root, repository), { withFileTypes: true, recursive }).catch(
      () => undefined,
    );
    if (!found) {
      response.writeHead(404, { 'x-error-code': 'RepoNotFound' }).end();
      return;
    }
    const entries = found.map(async (entry) => {
      const file = join(entry.parentPath, entry.name);
      const path = relative(join(this.root, repository), file);
      if (entry.isDirectory()) return { type: 'directory', path, size: 0, oid: '0'.repeat(40) };
      const size = (await stat(file)).size + this.faults.sizeLie;
      const oid = await this.digests.sha256(file);
      return { type: 'file', path, size, oid: oid.slice(0, 40), lfs: { oid, size, pointerSize: 130 } };
    });
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify(await Promise.all(entries)));
  }

  /** Large files lie elsewhere; the hub sends there and says which file it is. */
  private async redirect(
    repository: string,
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (!this.mayRead(repository, request, response)) return;
    const sha256 = await this.digests.sha256(join(this.root, repository, path)).catch(() => undefined);
    if (!sha256) {
      response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
      return;
    }
    response
      .writeHead(302, { location: `/storage/${repository}/${path}`, 'x-linked-etag': `"${sha256}"` })
      .end();
  }

  private async send(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const file = await open(join(this.root, path));
    try {
      const { size } = await file.stat();
      const etag = `"${await this.digests.sha256(join(this.root, path))}"`;
      const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
      const isWhole = !range || this.faults.ignoresRanges;
      const start = isWhole ? 0 : Number(range[1]);
      const end = isWhole ? size - 1 : Math.min(Number(range[2]), size - 1);
      const bytes = await readRange(file, start, end + 1 - start);
      response.writeHead(isWhole ? 200 : 206, {
        etag,
        'accept-ranges': 'bytes',
        'content-length': bytes.length,
        ...(!isWhole && { 'content-range': `bytes ${start}-${end}/${size}` }),
      });
      const isProbe = bytes.length === 1;
      if (isWhole || isProbe) response.end(bytes);
      else this.sendRange({ path, start, end }, bytes, response);
    } finally {
      await file.close();
    }
  }

  private sendRange(range: FileRequest, bytes: Buffer, response: ServerResponse): void {
    this.fileRequests.push(range);
    if (this.faults.corrupted === basename(range.path)) bytes[bytes.length - 1]! ^= 1;
    if (this.faults.breaks === 0) {
      response.end(bytes);
    } else {
      this.faults.breaks--;
      response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
    }
  }
}

async function readRange(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start);
  return buffer.subarray(0, bytesRead);
}
