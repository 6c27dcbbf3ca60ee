// Asks the model server about an image and prints the reply as it is generated.
//
//   node examples/ask.mjs picture.png "What is this?"
//
// MODEL_SERVER_ADDRESS names a server elsewhere than on 127.0.0.1:50051.
import { readFile } from 'node:fs/promises';

import { createModelClient, imageFromBytes } from 'minigpt4-chat/client';

const [file, question = 'Describe this image in detail.'] = process.argv.slice(2);
if (!file) {
  console.error('usage: node examples/ask.mjs IMAGE [QUESTION]');
  process.exit(1);
}

const picture = await readFile(file).catch((error) => {
  console.error(`The picture cannot be read: ${error.message}`);
  process.exit(1);
});
const address = process.env.MODEL_SERVER_ADDRESS || '127.0.0.1:50051';
const client = createModelClient({ address });
const segments = [
  { kind: 'text', text: '###Human: <Img>' },
  { kind: 'image', image: imageFromBytes(picture) },
  { kind: 'text', text: `</Img> ${question}###Assistant: ` },
];

try {
  for await (const event of client.generate({ segments })) {
    if (event.kind === 'delta') process.stdout.write(event.text);
  }
  process.stdout.write('\n');
} catch (error) {
  console.error(`${address}: ${error.message}`);
  process.exitCode = 1;
} finally {
  client.close();
}
