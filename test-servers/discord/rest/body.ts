import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { Upload } from '../cdn.js';
import { DiscordRestError } from '../errors.js';

export interface ParsedBody {
  readonly body: unknown;
  readonly uploads: readonly Upload[];
}

const described = z.object({
  attachments: z.array(z.object({ id: z.coerce.string(), description: z.string().nullish() })).nullish(),
});

/** Reads a JSON or multipart body; the latter carries `payload_json` and `files[n]` (Uploading Files). */
export async function parseBody(request: IncomingMessage, maxBytes: number): Promise<ParsedBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    chunks.push(chunk);
  }
  if (size > maxBytes) throw new DiscordRestError(413, 40005, 'Request entity too large');
  if (size === 0) return { body: undefined, uploads: [] };
  const bytes = Buffer.concat(chunks);
  const contentType = request.headers['content-type'] ?? '';
  if (!contentType.startsWith('multipart/form-data')) return { body: parseJson(bytes), uploads: [] };
  return parseMultipart(bytes, contentType);
}

async function parseMultipart(bytes: Buffer, contentType: string): Promise<ParsedBody> {
  const form = await new Response(new Uint8Array(bytes), {
    headers: { 'content-type': contentType },
  }).formData();
  const payload = form.get('payload_json');
  const body = typeof payload === 'string' ? parseJson(Buffer.from(payload)) : undefined;
  const { attachments } = described.parse((body as { data?: unknown } | undefined)?.data ?? body ?? {});
  const uploads: Upload[] = [];
  for (const [name, value] of form.entries()) {
    const index = /^files\[(\d+)\]$/.exec(name)?.[1];
    if (index === undefined || typeof value === 'string') continue;
    const description = attachments?.find(({ id }) => id === index)?.description ?? undefined;
    uploads.push({
      filename: value.name,
      bytes: Buffer.from(await value.arrayBuffer()),
      ...(description !== undefined && { description }),
    });
  }
  return { body, uploads };
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch (error) {
    throw new DiscordRestError(400, 50109, `The request body contains invalid JSON: ${String(error)}`);
  }
}
