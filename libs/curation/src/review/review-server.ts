import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';

import { z } from 'zod';

import { AllowedHosts } from '#libs/serving';

import { type Curation, judgeByRules, type Pair } from '../curation.js';
import { mediaTypes } from '../image-folder.js';
import { reviewDecision } from '../journal.js';
import { dropReasons } from '../rules.js';
import type { ShownPair } from './page/pair-list.js';

/** The page is for whoever sits at this machine. */
const HOST = '127.0.0.1';

const allowedHosts = new AllowedHosts([]);

const LARGEST_BODY = 64 * 1024;

const pageFiles: ReadonlyMap<string, string> = new Map([
  ['/', '#review-page/index.html'],
  ['/review.js', '#review-page/review.js'],
  ['/pair-list.js', '#review-page/pair-list.js'],
  ['/style.css', '#review-page/style.css'],
  ['/shared/elements.js', '#shared-page/elements.js'],
  ['/shared/theme.css', '#shared-page/theme.css'],
]);
const textTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};
const { resolve } = createRequire(import.meta.url);

const review = z.strictObject({ decision: reviewDecision, caption: z.string().trim().min(1) });

export interface ReviewServer {
  readonly address: string;
  /** Settles when somebody pressed "Finish". */
  readonly finished: Promise<void>;
  close(): Promise<void>;
}

/**
 * Serves a page on this machine to keep, edit or reject each pair by hand, as the paper's authors did. Every
 * decision is in the journal before the page says so.
 * @param port 0 takes a free one
 */
export async function startReviewServer(curation: Curation, port: number): Promise<ReviewServer> {
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const server = createServer((request, response) => {
    answer(curation, request, () => finish()).then(
      (reply) => send(response, reply),
      (error: unknown) => send(response, { status: 500, body: String(error), mediaType: 'text/plain' }),
    );
  });
  server.listen(port, HOST);
  await once(server, 'listening');
  const { port: listening } = server.address() as AddressInfo;
  return {
    address: `http://${HOST}:${listening}`,
    finished,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

interface Reply {
  readonly status: number;
  readonly body?: string | Uint8Array;
  readonly mediaType?: string;
}

const notFound: Reply = { status: 404, body: 'There is no such page or picture.', mediaType: 'text/plain' };

async function answer(curation: Curation, request: IncomingMessage, finish: () => void): Promise<Reply> {
  // Another site that is open in the same browser must not see the pictures, nor decide.
  const refusal = allowedHosts.refusal(request.headers);
  if (refusal !== undefined) return { status: 403, body: refusal, mediaType: 'text/plain' };
  const { pathname } = new URL(request.url ?? '/', `http://${HOST}`);
  const [, kind, name] = pathname.split('/').map(decodeURIComponent);
  const pair = name === undefined ? undefined : curation.pair(name);
  switch (`${request.method} /${kind}`) {
    case 'GET /pairs':
      return json(curation.pairs.flatMap(shownPair));
    case 'GET /images':
      return pair ? imageOf(curation, pair) : notFound;
    case 'PUT /pairs':
      return pair ? decide(curation, pair, request) : notFound;
    case 'POST /finish':
      finish();
      return { status: 204 };
    default:
      return request.method === 'GET' ? pageFile(pathname) : notFound;
  }
}

/** What the page shows of a pair; nothing of those that cannot be reviewed. */
function shownPair(pair: Pair): ShownPair[] {
  const judged = judgeByRules(pair);
  if (judged.kind === 'unfinished' || pair.unreadable) return [];
  return [
    {
      id: pair.id,
      file: pair.file,
      caption: judged.caption,
      description: pair.described?.text,
      answer: pair.repaired?.answer,
      droppedBecause: judged.kind === 'dropped' ? dropReasons[judged.reason] : undefined,
      review: pair.reviewed && { decision: pair.reviewed.decision, caption: pair.reviewed.caption },
    },
  ];
}

async function imageOf(curation: Curation, pair: Pair): Promise<Reply> {
  const body = await readFile(join(curation.settings.images, pair.file)).catch(() => undefined);
  if (!body) return notFound;
  return { status: 200, body, mediaType: mediaTypes[extname(pair.file).toLowerCase()] };
}

async function decide(curation: Curation, pair: Pair, request: IncomingMessage): Promise<Reply> {
  const length = Number(request.headers['content-length']);
  if (!(length <= LARGEST_BODY)) {
    return { status: 413, body: 'The caption is too long.', mediaType: 'text/plain' };
  }
  const parsed = review.safeParse(parseJson(await buffer(request)));
  if (!parsed.success) return { status: 400, body: z.prettifyError(parsed.error), mediaType: 'text/plain' };
  curation.record({ step: 'reviewed', id: pair.id, ...parsed.data });
  return { status: 204 };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

async function pageFile(path: string): Promise<Reply> {
  const name = pageFiles.get(path);
  if (name === undefined) return notFound;
  const file = resolve(name);
  return { status: 200, body: await readFile(file), mediaType: textTypes[extname(file)] };
}

function json(content: unknown): Reply {
  return { status: 200, body: JSON.stringify(content), mediaType: 'application/json' };
}

function send(response: ServerResponse, { status, body, mediaType }: Reply): void {
  response.writeHead(status, {
    ...(mediaType && { 'content-type': mediaType }),
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}
