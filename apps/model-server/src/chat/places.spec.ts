import type { GenerateEvent } from '#libs/engine';

import { finished } from '../../../../test/support/held-engine.js';
import { chatCompletion, finishChunk } from '../openai/chat-completion-response.js';
import { generateOnceResponse, generateResponse } from './messages.js';

const reply = 'There is <p>a cat</p> {<10><20><30><40>}.';
const place = { phrase: 'a cat', left: 10, top: 20, right: 30, bottom: 40, start: 9, end: 40 };
const box = { phrase: 'a cat', left: 10, top: 20, right: 30, bottom: 40, start_index: 9, end_index: 40 };
const header = { id: 'chatcmpl-1', created: 0, model: 'a model', system_fingerprint: 'fp_1' };

async function* events(): AsyncGenerator<GenerateEvent> {
  for (const text of [reply.slice(0, 20), reply.slice(20)]) yield { kind: 'delta', text, tokenIds: [1] };
  yield finished;
}

describe('the places that a reply names', () => {
  it('come with the end of a whole reply and of a streamed one', async () => {
    const { finish } = await generateOnceResponse(events(), 'minigpt-v2');
    expect(finish?.places).toEqual([place]);
    expect(generateResponse(finished, 'minigpt-v2', reply)).toMatchObject({
      event: { $case: 'finish', value: { places: [place] } },
    });
  });

  it("are annotations of OpenAI's messages, and of the last chunk", async () => {
    const { finish } = await generateOnceResponse(events(), 'minigpt-v2');
    const annotations = [{ type: 'box', box }];
    expect(chatCompletion(header, reply, [place], [], finish)).toMatchObject({
      choices: [{ message: { content: reply, annotations } }],
    });
    expect(finishChunk(header, finish!)).toMatchObject({
      choices: [{ delta: { annotations } }],
    });
  });

  it('are none of a model that names none, and its last chunk stays empty', async () => {
    const { finish } = await generateOnceResponse(events(), 'vicuna-v0');
    expect(finish?.places).toEqual([]);
    expect(finishChunk(header, finish!).choices[0]?.delta).toEqual({});
  });
});
