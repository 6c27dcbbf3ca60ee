import { createHmac, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { extname } from 'node:path';
import type { APIAttachment } from 'discord.js';
import sharp from 'sharp';
import type { Clock } from './clock.js';
import type { Attachment } from './state.js';

/** Discord tells the type of an upload from its name; a wrong extension is passed on as it is. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.heic': 'image/heic',
  '.txt': 'text/plain; charset=utf-8',
  '.pdf': 'application/pdf',
};

const LINK_LIFETIME_MS = 24 * 60 * 60 * 1000;

/** A file on its way into the server. */
export interface Upload {
  readonly filename: string;
  readonly bytes: Buffer;
  readonly description?: string;
}

/** Measures an upload as Discord does: `width` and `height` are there only for what decodes as a picture. */
export async function attach(id: string, upload: Upload): Promise<Attachment> {
  const size = await sharp(upload.bytes, { limitInputPixels: false })
    .metadata()
    .then(({ width, height }) => ({ width, height }))
    .catch(() => null);
  return {
    id,
    filename: upload.filename,
    contentType: CONTENT_TYPES[extname(upload.filename).toLowerCase()],
    bytes: upload.bytes,
    size,
    description: upload.description,
  };
}

/** Serves uploads under signed links that expire (Discord docs, Reference: Signed Attachment CDN URLs). */
export class Cdn {
  private readonly secret = randomBytes(32);
  private readonly files = new Map<string, Attachment>();

  /** Stickers and emoji by their path; their addresses are not signed (Discord docs, CDN Endpoints). */
  private readonly drawings = new Map<string, Buffer>();

  constructor(
    private readonly clock: Clock,
    private readonly baseUrl: () => string,
  ) {}

  /** The attachment as the API shows it, with a freshly signed link. */
  render(channelId: string, attachment: Attachment): APIAttachment {
    const path = `/attachments/${channelId}/${attachment.id}/${encodeURIComponent(attachment.filename)}`;
    this.files.set(path, attachment);
    const issued = Math.floor(this.clock.now() / 1000).toString(16);
    const expires = Math.floor((this.clock.now() + LINK_LIFETIME_MS) / 1000).toString(16);
    const url = `${this.baseUrl()}${path}?ex=${expires}&is=${issued}&hm=${this.sign(path, expires, issued)}`;
    return {
      id: attachment.id,
      filename: attachment.filename,
      size: attachment.bytes.length,
      url,
      proxy_url: url,
      ...(attachment.contentType && { content_type: attachment.contentType }),
      ...(attachment.size ?? {}),
      ...(attachment.description !== undefined && { description: attachment.description }),
    };
  }

  /** Lets a sticker or a custom emoji have this picture. */
  draw(kind: 'stickers' | 'emojis', id: string, extension: 'png' | 'gif', bytes: Buffer): void {
    this.drawings.set(`/${kind}/${id}.${extension}`, bytes);
  }

  serve(url: URL, response: ServerResponse): void {
    const drawing = this.drawings.get(url.pathname);
    if (drawing) {
      response.writeHead(200, { 'content-length': drawing.length }).end(drawing);
      return;
    }
    const { ex = '', is = '', hm } = Object.fromEntries(url.searchParams);
    const attachment = this.files.get(url.pathname);
    const expired = Number.parseInt(ex, 16) * 1000 < this.clock.now();
    if (!attachment || hm !== this.sign(url.pathname, ex, is) || expired) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('This content is no longer available.');
      return;
    }
    response
      .writeHead(200, {
        'content-type': attachment.contentType ?? 'application/octet-stream',
        'content-length': attachment.bytes.length,
      })
      .end(attachment.bytes);
  }

  private sign(path: string, expires: string, issued: string): string {
    return createHmac('sha256', this.secret).update(`${path}:${expires}:${issued}`).digest('hex');
  }
}
