import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AppManifest, readAppManifest } from './app-manifest.js';
import type { Delivery } from './delivery.js';
import { EventsApi } from './events.js';
import { type Forgery, HttpDelivery } from './http-delivery.js';
import { Interactions } from './interactions.js';
import type { AssistantThread, MethodContext } from './method.js';
import { OpenViews } from './open-views.js';
import { filePayload } from './payloads.js';
import { RateLimits } from './rate-limits.js';
import type { Message } from './records.js';
import { type ResponseBody, ResponseUrls } from './response-urls.js';
import { SocketDelivery } from './socket-delivery.js';
import { newId, WorkspaceStore } from './store.js';
import { Triggers } from './triggers.js';
import { Uploads } from './uploads.js';
import { WebApi } from './web-api.js';
import { Workspace } from './workspace.js';

const loginPage =
  '<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body>Sign in to Meadow</body></html>';

/** A Slack workspace on loopback, with one app installed from its manifest. */
export class SlackServer {
  readonly botToken = `xoxb-${newId('')}`;
  readonly appToken = `xapp-1-${newId('')}`;
  readonly signingSecret = newId('').toLowerCase().repeat(3);
  readonly workspace: Workspace;
  readonly store: WorkspaceStore;
  readonly events: EventsApi;
  readonly rates = new RateLimits();
  readonly api: WebApi;
  readonly sockets: SocketDelivery;
  readonly assistantThreads = new Map<string, AssistantThread>();
  /** The scopes the workspace granted: the manifest's, until a test takes one away. */
  readonly grantedScopes: Set<string>;
  private readonly server: Server;
  private readonly publicFiles = new Map<string, Buffer>();
  private readonly uploads: Uploads;
  readonly responseUrls: ResponseUrls;
  readonly triggers = new Triggers();
  /** Where requests go, when they do not go over Socket Mode. */
  requestUrl = '';
  private http: HttpDelivery | undefined;

  private constructor(manifest: AppManifest) {
    // A busy machine can be away for the 5 s after which Node closes a connection, in the moment it is used again.
    this.server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
      this.serve(request, response).catch((error: Error) => response.writeHead(500).end(error.stack));
    });
    this.grantedScopes = new Set(manifest.oauth_config.scopes.bot);
    this.store = new WorkspaceStore(manifest.features.bot_user.display_name);
    this.sockets = new SocketDelivery(this.server, () => this.store.announce());
    this.uploads = new Uploads(this.store);
    this.responseUrls = new ResponseUrls(this.store);
    const baseUrl = () => this.url;
    const delivery = (): Delivery => this.http ?? this.sockets;
    const views = new OpenViews(this.store, this.grantedScopes);
    this.events = new EventsApi(this.store, manifest, delivery, baseUrl);
    const interactions = new Interactions(
      this.store,
      manifest,
      this.triggers,
      this.responseUrls,
      views,
      delivery,
      baseUrl,
    );
    const context: MethodContext = {
      store: this.store,
      events: this.events,
      rates: this.rates,
      triggers: this.triggers,
      views,
      uploads: this.uploads,
      sockets: this.sockets,
      assistantThreads: this.assistantThreads,
      grantedScopes: this.grantedScopes,
      baseUrl,
    };
    this.api = new WebApi(context, { bot: this.botToken, app: this.appToken });
    this.workspace = new Workspace({ store: this.store, events: this.events, interactions, views });
  }

  static async start(manifestPath: string): Promise<SlackServer> {
    const slack = new SlackServer(readAppManifest(manifestPath));
    await new Promise<void>((resolve) => slack.server.listen(0, '127.0.0.1', resolve));
    return slack;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get apiUrl(): string {
    return `${this.url}/api/`;
  }

  /** Serves a file to everybody, as a web site elsewhere would. @returns its address */
  publicFile({ name, bytes }: { readonly name: string; readonly bytes: Buffer }): string {
    const id = newId('');
    this.publicFiles.set(id, bytes);
    return `${this.url}/public/${id}/${encodeURIComponent(name)}`;
  }

  /** A message's files, as a message that shares it carries them. */
  filesOf(message: Message): Record<string, unknown>[] {
    return message.files.map((file) => filePayload(this.store, file, this.url));
  }

  /** Sends events and interactions to this request URL from now on, instead of over Socket Mode. */
  deliverTo(requestUrl: string, forgery?: Forgery): void {
    this.requestUrl = requestUrl;
    this.http = new HttpDelivery(requestUrl, this.signingSecret, forgery);
  }

  /** Slack is not there for anybody. @returns what ends the outage */
  async breakDown(): Promise<() => Promise<void>> {
    const { port } = this.server.address() as AddressInfo;
    this.sockets.dropConnections();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    return () => new Promise((resolve) => this.server.listen(port, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    this.events.close();
    this.triggers.close();
    await this.sockets.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const [, area, name = '', ...rest] = new URL(request.url ?? '/', this.url).pathname.split('/');
    switch (area) {
      case 'api': {
        const answer = await this.api.call(name, request.headers, body.toString());
        response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
        response.end(JSON.stringify(answer.body));
        return;
      }
      case 'response': {
        const { status, text } = this.responseUrls.respond(name, JSON.parse(body.toString()) as ResponseBody);
        response.writeHead(status).end(text);
        return;
      }
      case 'upload': {
        const accepted = this.uploads.receive(rest[0] ?? '', body);
        response.writeHead(accepted ? 200 : 400).end(accepted ? 'OK' : 'failed');
        return;
      }
      case 'public': {
        const bytes = this.publicFiles.get(name);
        if (bytes === undefined) response.writeHead(404).end();
        else response.writeHead(200).end(bytes);
        return;
      }
      case 'files-pri':
        this.serveFile(name, request.headers.authorization, response);
        return;
      default:
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(loginPage);
    }
  }

  /** Without a token that may read files, Slack sends a browser to its login page, also when a program asks. */
  private serveFile(path: string, authorization: string | undefined, response: ServerResponse): void {
    const file = this.store.files.get(path.split('-').at(-1) ?? '');
    const allowed = authorization === `Bearer ${this.botToken}` && this.grantedScopes.has('files:read');
    if (!allowed) {
      response.writeHead(302, { location: `${this.url}/?redir=${encodeURIComponent(path)}` }).end();
      return;
    }
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': file.mimetype, 'content-length': file.content.length });
    response.end(file.content);
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
