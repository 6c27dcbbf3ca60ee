// Asks the model server about an image and prints the reply as it is generated.
//
//   node examples/ask.mjs picture.png "What is this?"
import { readFile } from 'node:fs/promises';

import { createModelClient, imageFromBytes } from 'minigpt4-chat/client';

const [file, question = 'Describe this image in detail.'] = process.argv.slice(2);
if (!file) {
  console.error('usage: node examples/ask.mjs IMAGE [QUESTION]');
  process.exit(1);
}

const client = createModelClient({ address: '127.0.0.1:50051' });
const segments = [
  { kind: 'text', text: '###Human: <Img>' },
  { kind: 'image', image: imageFromBytes(await readFile(file)) },
  { kind: 'text', text: `</Img> ${question}###Assistant: ` },
];

for await (const event of client.generate({ segments })) {
  if (event.kind === 'delta') process.stdout.write(event.text);
}
process.stdout.write('\n');
client.close();
