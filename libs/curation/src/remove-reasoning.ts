/** What language models write around their thoughts: DeepSeek's and Qwen's `<think>`, and names alike. */
const thought = /<(think|thinking|reasoning|analysis|scratchpad)\b[^>]*>[\s\S]*?(?:<\/\1>|$)/gi;

/** The end of thoughts whose beginning the server's template had already given to the model. */
const restOfThought = /^[\s\S]*<\/(?:think|thinking|reasoning|analysis|scratchpad)>/i;

/** A message on a channel of OpenAI's harmony format, up to the token that ends it. */
const channel =
  /<\|channel\|>\s*(\w+)[^<]*<\|message\|>([\s\S]*?)(?=<\|(?:end|return|start|channel|call)\|>|$)/g;

/** Tokens of chat templates, which a server may leave in its text: `<|im_end|>`, `<|eot_id|>`, `</s>`. */
const controlToken = /<\|[\w-]+\|>(?:assistant\b)?|<\/?s>/g;

/**
 * What a language model says, without what it thought and without tokens of its template; empty where it only thought.
 */
export function removeReasoning(reply: string): string {
  const messages = [...reply.matchAll(channel)];
  const said = messages.length > 0 ? finalMessages(messages) : reply;
  return said.replace(thought, '').replace(restOfThought, '').replace(controlToken, '').trim();
}

const finalMessages = (messages: readonly RegExpMatchArray[]) =>
  messages
    .filter(([, name]) => name === 'final')
    .map(([, , text]) => text)
    .join('\n');
