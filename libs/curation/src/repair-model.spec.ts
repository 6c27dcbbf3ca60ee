import {
  type CompletionRequest,
  type ScriptedEndpoint,
  type ScriptedReply,
  startScriptedEndpoint,
} from '../../../test/support/scripted-chat-completions.js';
import { RepairModel, removeReasoning } from './repair-model.js';

let endpoint: ScriptedEndpoint;

afterEach(() => endpoint.close());

async function repairModel(
  reply: (request: CompletionRequest, number: number) => ScriptedReply,
  requestsPerMinute = 60_000,
): Promise<RepairModel> {
  endpoint = await startScriptedEndpoint(reply);
  return new RepairModel({
    endpoint: endpoint.address,
    model: 'repairer',
    apiKey: 'secret',
    temperature: 0.7,
    requestsPerMinute,
  });
}

describe('the repair model', () => {
  it('is asked with the prompt of the paper', async () => {
    const model = await repairModel(() => ({ text: 'A dog runs.' }));
    await expect(model.repair('A dog dog run')).resolves.toEqual({
      kind: 'answered',
      text: 'A dog runs.',
      promptTokens: 100,
      completionTokens: 40,
    });
    expect(endpoint.requests).toMatchObject([
      {
        model: 'repairer',
        temperature: 0.7,
        headers: { authorization: 'Bearer secret' },
        messages: [
          {
            role: 'system',
            content:
              'Fix the error in the given paragraph. Remove any repeating sentences, meaningless characters, not English sentences, and so on. Remove unnecessary repetition. Rewrite any incomplete sentences. Return directly the results without explanation. Return directly the input paragraph if it is already correct without explanation.',
          },
          { role: 'user', content: 'A dog dog run' },
        ],
      },
    ]);
  });

  it('is asked again when it is busy or broken, after the pause it wants', async () => {
    const busy = { status: 429, error: { message: 'Slow down.' }, headers: { 'retry-after-ms': '5' } };
    const broken = { status: 503, error: { message: 'Overloaded.' }, headers: { 'retry-after-ms': '5' } };
    const model = await repairModel((_, number) => [busy, broken][number - 1] ?? { text: 'A dog.' });
    await expect(model.repair('A dog')).resolves.toMatchObject({ text: 'A dog.' });
    expect(endpoint.requests).toHaveLength(3);
  });

  it('is asked no more often than allowed', async () => {
    const model = await repairModel(() => ({ text: 'A dog.' }), 600);
    const start = performance.now();
    await Promise.all([model.repair('A'), model.repair('B'), model.repair('C')]);
    // Two pauses of 100 ms; no machine is too slow for a lower bound.
    expect(performance.now() - start).toBeGreaterThan(190);
  });

  it('may refuse a paragraph by its content filter', async () => {
    const model = await repairModel(() => ({
      status: 400,
      error: { message: 'Filtered.', code: 'content_filter' },
    }));
    await expect(model.repair('A fight')).resolves.toEqual({ kind: 'refused', reason: '400 Filtered.' });
  });

  it('says so when the endpoint answers with something else', async () => {
    const model = await repairModel(() => ({ status: 200, error: { message: 'No such model.' } }));
    await expect(model.repair('A dog')).rejects.toThrow('Does it speak the chat completions of OpenAI?');
  });

  it('says what to do when the key is wrong', async () => {
    const model = await repairModel(() => ({ status: 401, error: { message: 'Incorrect API key.' } }));
    await expect(model.repair('A dog')).rejects.toThrow(
      `${endpoint.address} did not repair with "repairer": 401 Incorrect API key. Set OPENAI_API_KEY. What is done is kept: run the same command again to go on.`,
    );
    expect(endpoint.requests).toHaveLength(1);
  });
});

const caption = 'The image shows a red apple. It lies on a table.';

describe('what a language model says', () => {
  it.each([
    ['nothing but its answer', caption],
    ['<think>', `<think>\nThere is an error.\n</think>\n\n${caption}`],
    ['empty thoughts', `<think>\n\n</think>\n\n${caption}`],
    ['thoughts that the template began', `There is an error.\n</think>\n${caption}`],
    ['<reasoning>', `<reasoning>Hm.</reasoning>${caption}`],
    ['thoughts in capitals and with attributes', `<Thinking budget="10">Hm.</Thinking> ${caption}`],
    [
      "harmony's channels",
      `<|channel|>analysis<|message|>There is an error.<|end|><|start|>assistant<|channel|>final<|message|>${caption}<|return|>`,
    ],
    ['a token of its template at the end', `${caption}<|im_end|>`],
    ['several of them', `<s> ${caption}</s><|eot_id|>`],
  ])('is kept whole, without %s', (_, reply) => {
    expect(removeReasoning(reply)).toBe(caption);
  });

  it.each([
    ['<think>I wonder what', 'thoughts that were cut off'],
    ['<reasoning>I wonder what', 'thoughts of another name'],
    ['<|channel|>analysis<|message|>I wonder what', 'a channel that is not the answer'],
    ['<|im_end|>', 'a token alone'],
  ])('is empty where there is only %s', (reply) => {
    expect(removeReasoning(reply)).toBe('');
  });

  it('may speak of thinking, and compare with signs', () => {
    const text = 'A man thinks <about> it: 3 < 4 > 2, </br>.';
    expect(removeReasoning(text)).toBe(text);
  });
});
