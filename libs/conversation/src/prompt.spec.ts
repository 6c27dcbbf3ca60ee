import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import fc from 'fast-check';

import {
  buildPrompt,
  type ChatTemplateName,
  ConversationError,
  type PromptSegment,
  stopSequencesOf,
  type Turn,
} from './index.js';

const system =
  'Give the following image: <Img>ImageContent</Img>. You will be able to see the image once I provide it to you. Please answer my questions.';

const user = (text: string, ...images: string[]): Turn<string> => ({ role: 'user', text, images });
const assistant = (text: string): Turn<string> => ({ role: 'assistant', text });

/** With the original's placeholder for images, its "<s>" where a sequence begins and "</s>" where one ends. */
function written(segments: readonly PromptSegment<string>[]): string {
  return segments
    .map((segment) => {
      if (segment.kind === 'image') return '<ImageHere>';
      return (segment.beginsSequence ? '<s>' : '') + segment.text + (segment.endsSequence ? '</s>' : '');
    })
    .join('');
}

function vicuna(turns: Turn<string>[], systemText?: string): string {
  return written(buildPrompt({ template: 'vicuna-v0', turns, systemText }).segments);
}

function llama(turns: Turn<string>[]): string {
  return written(buildPrompt({ template: 'llama-2-chat', turns }).segments);
}

describe("a prompt in BLIP-2's template", () => {
  const segmentsOf = (turns: Turn<string>[]) => buildPrompt({ template: 'question-answer', turns }).segments;

  it('has the pictures before all text, and names question and answer', () => {
    expect(
      segmentsOf([
        user('which city is this?', 'skyline'),
        { role: 'assistant', text: 'singapore.' },
        user('why?'),
      ]),
    ).toEqual([
      { kind: 'image', image: 'skyline' },
      {
        kind: 'text',
        text: 'Question: which city is this? Answer: singapore. Question: why? Answer:',
      },
    ]);
  });

  it('is the picture alone where nothing is asked, which gives a caption', () => {
    expect(segmentsOf([user('', 'beach')])).toEqual([{ kind: 'image', image: 'beach' }]);
  });
});

describe("a prompt in InstructBLIP's template", () => {
  const segmentsOf = (turns: Turn<string>[]) => buildPrompt({ template: 'instruction', turns }).segments;

  it('is the picture and the instruction as it is, though it names question and answer itself', () => {
    const text = 'Question: How many boats are there? Short answer:';
    expect(segmentsOf([user(text, 'harbour')])).toEqual([
      { kind: 'image', image: 'harbour' },
      { kind: 'text', text },
    ]);
  });

  it('tells what was said before as the history of a dialogue', () => {
    expect(
      segmentsOf([
        user('How many boats are there?', 'harbour'),
        assistant('Three.'),
        user('Which is the largest?'),
      ]),
    ).toEqual([
      { kind: 'image', image: 'harbour' },
      {
        kind: 'text',
        text: 'Dialog history: Question: How many boats are there? Answer: Three. Question: Which is the largest? Answer:',
      },
    ]);
  });
});

describe('a prompt in the Vicuna v0 template', () => {
  const { cases } = JSON.parse(
    readFileSync(resolve('test/fixtures/reference/tiny/expected.json'), 'utf8'),
  ) as { cases: { prompt: string }[] };

  it('asks about an image in the words of the original', () => {
    expect(vicuna([user('Describe this image in detail.', 'scene')])).toBe(cases[0]!.prompt);
  });

  it('carries earlier questions and answers, and no system text where none is wanted', () => {
    const turns = [
      user('What is this?', 'scene'),
      assistant('It is a red apple.'),
      user('How many objects are there?'),
    ];
    expect(vicuna(turns, '')).toBe(cases[1]!.prompt);
  });

  it('asks without an image', () => {
    expect(vicuna([user('Hello! Café 😀 \n two  spaces')], '')).toBe(cases[3]!.prompt);
  });

  it('has no word of images, and no image tag, in a conversation without any', () => {
    expect(vicuna([user('Hello!')])).toBe('Please answer my questions.###Human: Hello!###Assistant: ');
    expect(llama([user('Hello!')])).toBe('Please answer my questions.<s>[INST] Hello! [/INST] ');
  });

  it('has its images as segments of their own, in order', () => {
    const { segments } = buildPrompt({
      template: 'vicuna-v0',
      turns: [user('Compare them.', 'first', 'second')],
      systemText: '',
    });
    expect(segments).toEqual([
      { kind: 'text', text: '###Human: <Img>' },
      { kind: 'image', image: 'first' },
      { kind: 'text', text: '</Img>###Human: <Img>' },
      { kind: 'image', image: 'second' },
      { kind: 'text', text: '</Img> Compare them.###Assistant: ' },
    ]);
  });

  it('ends replies at the next separator', () => {
    expect(buildPrompt({ template: 'vicuna-v0', turns: [user('Hello')] }).stopSequences).toEqual(['###']);
    expect(stopSequencesOf('vicuna-v0')).toEqual(['###']);
  });
});

describe('a prompt in the Llama-2 chat template', () => {
  it('puts questions between [INST] and [/INST], each at the beginning of a sequence', () => {
    const turns = [user('What is this?', 'scene'), assistant('An apple.'), user('What colour?')];
    expect(llama(turns)).toBe(
      `${system}<s>[INST] <Img><ImageHere></Img> What is this? [/INST] An apple.<s>[INST] What colour? [/INST] `,
    );
  });

  it('ends replies at the end-of-sequence token alone', () => {
    expect(buildPrompt({ template: 'llama-2-chat', turns: [user('Hello')] }).stopSequences).toEqual([]);
    expect(stopSequencesOf('llama-2-chat')).toEqual([]);
  });
});

describe('buildPrompt', () => {
  it('appends words to the image that was sent before them', () => {
    const sentApart = [user('', 'scene'), user('What is this?')];
    expect(vicuna(sentApart)).toBe(vicuna([user('What is this?', 'scene')]));
  });

  it('appends words to earlier words of the same side', () => {
    const turns = [
      user('Hi.'),
      user('Who are you?'),
      assistant('A model.'),
      assistant('Ask me.'),
      user('So?'),
    ];
    expect(vicuna(turns, '')).toBe(
      '###Human: Hi. Who are you?###Assistant: A model. Ask me.###Human: So?###Assistant: ',
    );
  });

  it('keeps each image with the words that followed it', () => {
    expect(vicuna([user('A cat?', 'cat'), user('A dog?', 'dog')], '')).toBe(
      '###Human: <Img><ImageHere></Img> A cat?###Human: <Img><ImageHere></Img> A dog?###Assistant: ',
    );
  });

  it('leaves out turns without words or images, as of an answer that was stopped at once', () => {
    expect(vicuna([user('Hi.'), assistant(' '), user(''), user('Hello?')], '')).toBe(
      '###Human: Hi. Hello?###Assistant: ',
    );
  });

  it('takes an image without words for a question', () => {
    expect(vicuna([user('', 'scene')], '')).toBe('###Human: <Img><ImageHere></Img>###Assistant: ');
  });

  it('keeps a "#" at the end of a message apart from the separator', () => {
    expect(vicuna([user('What is C#')], '')).toBe('###Human: What is C# ###Assistant: ');
  });

  it.each([
    ['there is no turn', []],
    ['the last turn is an answer', [user('Hi.'), assistant('Hello.')]],
    ['the only turn is empty', [user('  ')]],
  ])('refuses when %s', (_, turns) => {
    expect(() => vicuna(turns)).toThrow(ConversationError);
  });
});

describe('whatever people and the model write', () => {
  const hostile = fc.constantFrom(
    ...[
      '#',
      '##',
      '###',
      '####',
      ' ',
      '\n',
      '<Img>',
      '</Img>',
      '<ImageHere>',
      '<',
      '>',
      '/',
      'Img',
      '[INST]',
    ],
    ...[
      '[/INST]',
      '[',
      ']',
      'INST',
      '<<SYS>>',
      '<<',
      '>>',
      '<s>',
      '</s>',
      's',
      'Human',
      'human:',
      'USER:',
      'ASSISTANT :',
    ],
    ...['Assistant', ':', 'Human:', 'Assistant:', '**', '> ', '(', ')', 'a cat'],
  );
  const text = fc.oneof(
    fc.array(hostile, { maxLength: 12 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary' }),
  );
  const turn: fc.Arbitrary<Turn<string>> = fc.oneof(
    fc.record({
      role: fc.constant('user' as const),
      text,
      images: fc.array(fc.constant('image'), { maxLength: 2 }),
    }),
    fc.record({ role: fc.constant('assistant' as const), text }),
  );
  const conversation = fc.array(turn, { maxLength: 6 }).map((turns) => [...turns, user('And now?')]);

  /** The same turns with plain words in place of what was written. */
  const harmless = (turns: readonly Turn<string>[]) =>
    turns.map((each) => (each.text.trim() === '' ? each : { ...each, text: 'words' }));

  const count = (needle: RegExp, haystack: string) => haystack.match(needle)?.length ?? 0;

  const markers: Record<ChatTemplateName, RegExp[]> = {
    'vicuna-v0': [/###/g, /###\s*Human\s*:/gi, /###\s*Assistant\s*:/gi, /<\s*\/?\s*Img\s*>/gi],
    'minigpt-v2': [/\[\s*INST\s*\]/gi, /\[\s*\/\s*INST\s*\]/gi, /<\s*\/?\s*s\s*>/gi],
    'question-answer': [/Question\s*:/g, /Answer\s*:/g],
    instruction: [/Question\s*:/g, /Answer\s*:/g],
    'vicuna-v1': [/USER\s*:/g, /ASSISTANT\s*:/g, /<\s*\/?\s*s\s*>/gi],
    'llama-2-chat': [
      /\[\s*INST\s*\]/gi,
      /\[\s*\/\s*INST\s*\]/gi,
      /<<\s*\/?\s*SYS\s*>>/gi,
      /<\s*\/?\s*s\s*>/gi,
    ],
  };

  it.each(['vicuna-v0', 'vicuna-v1', 'llama-2-chat', 'minigpt-v2', 'question-answer'] as const)(
    'only turns make turns, in %s',
    (template) => {
      fc.assert(
        fc.property(conversation, (turns) => {
          const prompt = written(buildPrompt({ template, turns }).segments);
          const plain = written(buildPrompt({ template, turns: harmless(turns) }).segments);
          for (const marker of markers[template]) expect(count(marker, prompt)).toBe(count(marker, plain));
        }),
      );
    },
  );

  it('only turns make turns, in instruction, where there is something to go on from', () => {
    fc.assert(
      fc.property(conversation, (later) => {
        const turns = [user('.'), assistant('.'), ...later];
        const prompt = written(buildPrompt({ template: 'instruction', turns }).segments);
        const plain = written(buildPrompt({ template: 'instruction', turns: harmless(turns) }).segments);
        for (const marker of markers.instruction) expect(count(marker, prompt)).toBe(count(marker, plain));
      }),
    );
  });

  it('no line begins with a role', () => {
    fc.assert(
      fc.property(text, (question) => {
        const prompt = vicuna([user('.'), user(question), user('.')]);
        const inside = prompt.slice(prompt.indexOf('###Human: ') + 10, prompt.lastIndexOf('###'));
        expect(inside).not.toMatch(/^[\s#>*]*(human|assistant)\s*:/im);
      }),
    );
  });

  it('only images make images', () => {
    fc.assert(
      fc.property(conversation, (turns) => {
        const { segments } = buildPrompt({ template: 'vicuna-v0', turns });
        const images = turns.flatMap((each) => (each.role === 'user' ? each.images : []));
        expect(segments.filter(({ kind }) => kind === 'image')).toHaveLength(images.length);
        const tags = segments.map((segment) =>
          segment.kind === 'text' ? count(/<Img>/gi, segment.text) : 0,
        );
        expect(tags.reduce((sum, tagCount) => sum + tagCount, 0)).toBe(
          images.length === 0 ? 0 : images.length + 1,
        );
      }),
    );
  });
});
