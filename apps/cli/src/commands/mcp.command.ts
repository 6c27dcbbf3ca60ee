import { once } from 'node:events';
import { createRequire } from 'node:module';

import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { Command } from 'commander';
import { AllowedFolders, createMcpServer, fetchPublicPicture, MAX_DATA_BYTES } from '#libs/mcp';

import { remark } from '../console/output.js';
import { addPlaceOptions, openModelAt, type PlaceOptions } from './model-options.js';

interface McpOptions extends PlaceOptions {
  readonly allow?: readonly string[];
  readonly allowUrls?: boolean;
}

export function define(command: Command): void {
  addPlaceOptions(command)
    .option(
      '--allow <folder...>',
      'read pictures in these folders, and the folders in them; by default in none',
    )
    .option(
      '--allow-urls',
      'fetch pictures from public https addresses that the client names; by default from none',
    )
    .addHelpText(
      'after',
      `
An MCP client starts this command itself and talks to it over its standard input and output. It gets these tools:
  describe_image    a description in detail
  alt_text          a short text for people who do not see the picture
  ask_about_image   the answer to a question
  count             how many things of a kind there are
  choose            which of the given choices is right
Each takes one picture: the path of a file in an allowed folder, the file itself in base64, or with --allow-urls its
address. Nothing outside the allowed folders is read, wherever symbolic links lead, and nothing is written.

In a client's configuration, with the path of your clone (more in docs/interfaces.md):
  "minigpt4": {
    "command": "node",
    "args": ["/path/to/minigpt4-chat/dist/apps/cli/src/main.js", "mcp", "--allow", "/home/me/Pictures"]
  }

Examples:
  mcp --allow ~/Pictures
  mcp --server 127.0.0.1:50051 --allow ~/Pictures ~/Downloads`,
    )
    .action(run);
}

async function run(options: McpOptions): Promise<void> {
  const allowed = await AllowedFolders.open(options.allow ?? []);
  const { version } = createRequire(import.meta.url)('#package.json') as { version: string };
  const model = openModelAt(options);
  const fetchPicture = options.allowUrls ? fetchPublicPicture : undefined;
  const server = createMcpServer({ model, allowed, fetchPicture, version });
  const ended = Promise.race([
    once(process.stdin, 'close'),
    once(process, 'SIGINT'),
    once(process, 'SIGTERM'),
    new Promise<void>((resolve) => {
      server.server.onclose = resolve;
    }),
  ]);
  server.server.onerror = ({ message }) => remark(message);
  await server.connect(
    // The picture in base64, and the rest of the message.
    new StdioServerTransport(process.stdin, process.stdout, { maxBufferSize: MAX_DATA_BYTES * 1.5 }),
  );
  try {
    const loaded = await model;
    await ended;
    await loaded.close();
  } finally {
    await server.close();
  }
}
