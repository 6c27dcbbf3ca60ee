import { chatCompletionRequest } from './chat-completion-request.js';

const bodyWith = (field: string, value: unknown) =>
  chatCompletionRequest.safeParse({
    model: 'm',
    messages: [{ role: 'user', content: 'Hello' }],
    [field]: value,
  });

const empty = [[], {}, null] as const;

describe('a field that this server cannot honour', () => {
  it.each([
    ...['repeat_last_n', 'prompt_logprobs', 'top_a'],
    ...['mirostat', 'dynatemp_range', 'xtc_probability', 'dry_multiplier'],
  ])('%s is taken when it is 0, and refused by its name otherwise', (field) => {
    expect(bodyWith(field, 0).success).toBe(true);
    for (const other of [1, 0.1, -1]) expect(bodyWith(field, other).error?.issues[0]?.path).toEqual([field]);
  });

  it.each(['repeat_penalty', 'typical_p', 'tfs_z', 'best_of', 'length_penalty'])(
    '%s is taken when it is 1, and refused otherwise',
    (field) => {
      expect(bodyWith(field, 1).success).toBe(true);
      for (const other of [0, 2]) expect(bodyWith(field, other).error?.issues[0]?.path).toEqual([field]);
    },
  );

  it.each([
    ...['use_beam_search', 'include_stop_str_in_output', 'echo'],
    ...['continue_final_message', 'guided_json_object'],
  ])('%s is taken when it is off, and refused otherwise', (field) => {
    expect(bodyWith(field, false).success).toBe(true);
    expect(bodyWith(field, true).success).toBe(false);
  });

  it.each([
    ...['tools', 'functions', 'audio', 'prediction', 'web_search_options'],
    ...['bad_words', 'logits_processors', 'chat_template', 'grammar', 'json_schema', 'guided_json'],
  ])('%s is taken when nothing is in it, and refused otherwise', (field) => {
    for (const nothing of empty) expect(bodyWith(field, nothing).success).toBe(true);
    for (const other of [['a'], { a: 1 }, 'a']) expect(bodyWith(field, other).success).toBe(false);
  });

  it.each(['tool_choice', 'function_call'])('%s may be left to a model that has no tools', (field) => {
    for (const nothing of ['none', 'auto', null]) expect(bodyWith(field, nothing).success).toBe(true);
    for (const other of ['required', { name: 'a' }]) expect(bodyWith(field, other).success).toBe(false);
  });

  it('may be a format or a modality only where it is text', () => {
    expect(bodyWith('response_format', { type: 'text' }).success).toBe(true);
    expect(bodyWith('response_format', { type: 'json_schema' }).success).toBe(false);
    expect(bodyWith('response_format', {}).success).toBe(false);
    expect(bodyWith('modalities', ['text']).success).toBe(true);
    expect(bodyWith('modalities', ['audio']).success).toBe(false);
  });
});
