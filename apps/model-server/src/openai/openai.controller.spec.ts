import { EventEmitter } from 'node:events';

import { ScriptedEngine } from '../../../../test/support/scripted-engine.js';
import { ByteBudget } from '../chat/byte-budget.js';
import { ChatService } from '../chat/chat.service.js';
import { RunningRequests } from '../chat/running-requests.js';
import { parseServerConfig } from '../config/environment.js';
import { ServedModel } from '../served-model.js';
import { ImageAddresses } from './image-addresses.js';
import { OpenAiController } from './openai.controller.js';

class FakeResponse extends EventEmitter {
  headersSent = false;
  readonly headers: Record<string, unknown> = {};
  readonly lines: string[] = [];
  json_: unknown;
  /** Whether the client reads as fast as it is written to. */
  reads = true;

  type(value: string) {
    this.headers.type = value;
    return { setHeader: (name: string, header: string) => Object.assign(this.headers, { [name]: header }) };
  }
  write(line: string): boolean {
    this.headersSent = true;
    this.lines.push(line);
    return this.reads;
  }
  end(line: string): void {
    this.lines.push(line);
  }
  json(body: unknown): void {
    this.json_ = body;
  }
}

function controlled() {
  const engine = new ScriptedEngine();
  const served = new ServedModel();
  served.serve(engine);
  const requests = new RunningRequests();
  const controller = new OpenAiController(
    served,
    new ChatService(served, requests),
    new ImageAddresses(parseServerConfig({}), new ByteBudget(0)),
  );
  const response = new FakeResponse();
  const ask = (content: string, more: object = {}) =>
    controller.complete(
      { model: 'scripted', messages: [{ role: 'user', content }], ...more },
      response as never,
    );
  return { controller, response, ask, requests };
}

const eventsOf = (lines: readonly string[]) =>
  lines.map((line) => (line.startsWith('data: {') ? JSON.parse(line.slice('data: '.length)) : line));

describe('the chat completions', () => {
  it('answer at once where no stream is asked for', async () => {
    const { response, ask, requests } = controlled();
    await ask('say a b');
    expect(response.json_).toMatchObject({ model: 'scripted', choices: [{ message: { content: 'ab' } }] });
    expect([response.lines, requests.count]).toEqual([[], 0]);
  });

  it('stream a place in the queue, the pieces, the end, and the usage only where asked', async () => {
    for (const include_usage of [true, false]) {
      const { response, ask } = controlled();
      await ask('say a b', { stream: true, stream_options: { include_usage } });
      const events = eventsOf(response.lines);
      expect(events[0]).toBe(': 1 requests ahead\n\n');
      expect(events.slice(1, 4)).toMatchObject([
        { choices: [{ delta: { content: 'a' } }] },
        { choices: [{ delta: { content: 'b' } }] },
        { choices: [{ delta: {}, finish_reason: 'stop' }] },
      ]);
      expect(events.slice(4, -1)).toMatchObject(
        include_usage ? [{ choices: [], usage: { prompt_tokens: 7 } }] : [],
      );
      expect(events.at(-1)).toBe('data: [DONE]\n\n');
      expect(response.headers).toEqual({ type: 'text/event-stream', 'Cache-Control': 'no-cache' });
    }
  });

  it('stream no faster than they are read', async () => {
    const { response, ask } = controlled();
    response.reads = false;
    const asked = ask('say a', { stream: true });
    while (response.lines.length === 0) await new Promise(setImmediate);
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    expect(response.lines).toHaveLength(1);
    response.reads = true;
    response.emit('drain');
    await asked;
    expect(response.lines.at(-1)).toBe('data: [DONE]\n\n');
  });

  it('end when the caller is gone', async () => {
    const { response, ask, requests } = controlled();
    const asked = ask('talk');
    await new Promise(setImmediate);
    expect(requests.count).toBe(1);
    response.emit('close');
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
    expect(requests.count).toBe(0);
  });

  it('refuse another model, and in their own terms what the engine refuses', async () => {
    const { ask, controller } = controlled();
    await expect(ask('a', { model: 'other' })).rejects.toThrow('The model "other" does not exist here');
    await expect(ask('a', { max_tokens: 0.5 })).rejects.toThrow();
    await expect(ask('a', { temperature: -1 })).rejects.toMatchObject({ param: 'temperature' });
    expect(() => controller.model('other')).toThrow('this server has loaded "scripted"');
  });

  it('list the model that is loaded', () => {
    const { controller } = controlled();
    const model = { id: 'scripted', object: 'model', created: 0, owned_by: 'minigpt4-chat' };
    expect(controller.models()).toEqual({ object: 'list', data: [model] });
    expect(controller.model('scripted')).toEqual(model);
  });
});
