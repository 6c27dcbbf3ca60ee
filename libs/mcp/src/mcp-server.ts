import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import { CodedError } from '#libs/errors';
import { noticeSentence } from '#libs/images';
import {
  type Answer,
  askedWithChoices,
  chosenIn,
  instructionFor,
  type VisionModel,
} from '#libs/vision-model';

import { type PictureInput, type PictureSources, pictureInput, readPicture } from './picture-input.js';

export interface McpServerOptions extends PictureSources {
  /** May still be loading; tools wait for it, so that clients are not kept waiting at the start. */
  readonly model: Promise<VisionModel>;
  /** Of this program, for the client's log. */
  readonly version: string;
}

const answer = {
  answer: z.string().describe('What the model said'),
  cut_off: z.boolean().describe('Whether the answer was too long and was cut off'),
  notices: z
    .array(z.string())
    .describe('What to know about the picture, such as that only its first frame was seen'),
};

/**
 * Offers a model to MCP clients as tools that look at a picture (Model Context Protocol, "Tools"). What goes wrong comes
 * back as a sentence with `isError`; the SDK makes that of what a tool throws.
 */
export function createMcpServer({ model, version, ...sources }: McpServerOptions): McpServer {
  const readOnly = { readOnlyHint: true, openWorldHint: sources.fetchPicture !== undefined };
  const server = new McpServer(
    { name: 'minigpt4-chat', version },
    { instructions: `Tools that look at one picture. ${whereFrom(sources)}` },
  );

  async function ask(input: PictureInput, question: string | Instruction, signal: AbortSignal) {
    const vision = await model;
    const picture = await readPicture(input, sources, vision.maxImageBytes, signal);
    const text = typeof question === 'string' ? question : question(vision);
    return vision.ask(picture, { text }, signal);
  }

  server.registerTool(
    'describe_image',
    {
      title: 'Describe a picture',
      description: 'Describes a picture in detail.',
      inputSchema: pictureInput,
      outputSchema: answer,
      annotations: readOnly,
    },
    async (input, { signal }) => resultOf(await ask(input, instruction('description'), signal)),
  );

  server.registerTool(
    'alt_text',
    {
      title: 'Write alt text',
      description: 'Writes alt text for a picture: a short text for people who do not see it.',
      inputSchema: pictureInput,
      outputSchema: answer,
      annotations: readOnly,
    },
    async (input, { signal }) => resultOf(await ask(input, instruction('alt-text'), signal)),
  );

  server.registerTool(
    'ask_about_image',
    {
      title: 'Ask about a picture',
      description: 'Answers a question about a picture.',
      inputSchema: { ...pictureInput, question: z.string().min(1) },
      outputSchema: answer,
      annotations: readOnly,
    },
    async ({ question, ...picture }, { signal }) => resultOf(await ask(picture, question, signal)),
  );

  server.registerTool(
    'count',
    {
      title: 'Count things in a picture',
      description: 'Counts how many things of a kind a picture shows.',
      inputSchema: { ...pictureInput, things: z.string().min(1).describe('In the plural, such as "dogs"') },
      outputSchema: { count: z.int().nonnegative(), ...answer },
      annotations: readOnly,
    },
    async ({ things, ...picture }, { signal }) => {
      const said = await ask(picture, `How many ${things} are there?`, signal);
      const count = namedNumber(said.text);
      if (count === undefined)
        throw new CodedError('mcp', `The model named no number. It said: ${said.text}`);
      return resultOf(said, { count });
    },
  );

  server.registerTool(
    'choose',
    {
      title: 'Choose an answer',
      description: 'Answers a question about a picture with one of the choices that are given.',
      inputSchema: {
        ...pictureInput,
        question: z.string().min(1),
        choices: z.array(z.string().min(1)).min(2).max(26),
      },
      outputSchema: { choice: z.string(), ...answer },
      annotations: readOnly,
    },
    async ({ question, choices, ...picture }, { signal }) => {
      const said = await ask(picture, askedWithChoices(question, choices), signal);
      const choice = chosenIn(said.text, choices);
      if (choice === undefined)
        throw new CodedError('mcp', `The model named none of the choices. It said: ${said.text}`);
      return resultOf(said, { choice });
    },
  );

  return server;
}

type Instruction = (model: VisionModel) => string;

const instruction =
  (wish: Parameters<typeof instructionFor>[0]): Instruction =>
  ({ template }) =>
    instructionFor(wish, template);

/** The same for programs and as text; of what was found out, the text has the value first. */
function resultOf(
  { text, finishReason, notices }: Answer,
  found: Readonly<Record<string, string | number>> = {},
) {
  const sentences = notices.map(noticeSentence);
  const lines = [...Object.values(found).map(String), text, ...sentences];
  return {
    content: [{ type: 'text' as const, text: lines.join('\n') }],
    structuredContent: { ...found, answer: text, cut_off: finishReason === 'length', notices: sentences },
  };
}

function whereFrom({ allowed: { folders }, fetchPicture }: PictureSources): string {
  const paths = folders.length > 0 ? [`by its path in ${folders.join(', ')}`] : [];
  const urls = fetchPicture ? ['by an https address'] : [];
  return `A picture is given ${[...paths, ...urls, 'as data'].join(', or ')}.`;
}

/** By their value. */
const numberWords = [
  ...[
    'zero',
    'one',
    'two',
    'three',
    'four',
    'five',
    'six',
    'seven',
    'eight',
    'nine',
    'ten',
    'eleven',
    'twelve',
  ],
  ...['thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen', 'twenty'],
];

/** The first number that a reply names, in digits or, up to twenty, in words; 0 where it only says that there is none. */
function namedNumber(reply: string): number | undefined {
  const text = reply.toLowerCase();
  const [number] = text.match(new RegExp(`\\b(?:\\d+|${numberWords.join('|')})\\b`)) ?? [];
  if (number !== undefined) return /\d/.test(number) ? Number(number) : numberWords.indexOf(number);
  return /\b(?:no|none)\b/.test(text) ? 0 : undefined;
}
