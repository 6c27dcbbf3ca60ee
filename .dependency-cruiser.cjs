/**
 * The import directions of docs/architecture.md: each room may import only the rooms named beside it.
 * "Data flows one way": apps wire libs; libs know nothing of apps or of Nest.
 */
const mayImport = {
  errors: ['errors'],
  conversation: ['errors'],
  graph: ['errors'],
  files: ['errors'],
  concurrency: [],
  checkpoint: ['errors', 'files'],
  tokenizer: ['errors'],
  protocol: ['errors', 'images'],
  'start-up': ['errors', 'files'],
  'onnx-runtime': ['errors'],
  serving: ['errors', 'start-up'],
  images: ['errors'],
  minigpt4: ['errors', 'graph', 'images'],
  families: ['errors', 'minigpt4'],
  'model-package': [
    'errors',
    'files',
    'graph',
    'minigpt4',
    'families',
    'checkpoint',
    'tokenizer',
    'onnx-runtime',
  ],
  engine: ['errors', 'graph', 'images', 'minigpt4', 'tokenizer', 'model-package', 'onnx-runtime'],
  reference: ['errors', 'minigpt4', 'checkpoint', 'tokenizer', 'model-package', 'onnx-runtime'],
  training: [
    'errors',
    'reference',
    'files',
    'graph',
    'images',
    'minigpt4',
    'checkpoint',
    'tokenizer',
    'model-package',
    'engine',
    'conversation',
    'onnx-runtime',
  ],
  benchmark: ['errors', 'minigpt4', 'model-package', 'engine'],
  evaluation: ['errors', 'files', 'engine', 'conversation', 'images', 'concurrency', 'vision-model'],
  curation: ['errors', 'files', 'engine', 'conversation', 'evaluation', 'images', 'serving', 'concurrency'],
  client: ['errors', 'protocol', 'images'],
  'vision-model': ['errors', 'images', 'conversation', 'engine', 'client'],
  mcp: ['errors', 'images', 'vision-model', 'image-fetcher'],
  captioning: ['errors', 'files', 'images', 'concurrency', 'vision-model'],
  'chat-accounts': ['errors', 'start-up'],
  'image-fetcher': ['errors'],
};

const mayUse = {
  bot: [
    'errors',
    'start-up',
    'serving',
    'conversation',
    'client',
    'images',
    'chat-accounts',
    'image-fetcher',
  ],
  'model-server': [
    'errors',
    'start-up',
    'serving',
    'engine',
    'conversation',
    'images',
    'image-fetcher',
    'protocol',
    'model-package',
  ],
};

/** The rooms of the bot. Files beside the rooms put it together, but for what reads the JSON of other programs. */
const botRooms = {
  config: [],
  contract: [],
  words: ['config'],
  redis: [],
  metrics: ['contract'],
  images: ['contract', 'config'],
  reply: ['contract'],
  answering: ['contract', 'config', 'images', 'reply', 'redis', 'metrics', 'words'],
  discord: ['contract', 'config', 'images', 'reply', 'redis', 'metrics', 'words'],
  slack: ['contract', 'config', 'images', 'reply', 'redis', 'metrics', 'words'],
  web: ['contract', 'config', 'words'],
};

/** The rooms of Discord and of Slack, each of which may import those before it. */
const platformRooms = ['reply', 'conversation', 'listeners', 'connection'];

const libRule = (lib, allowed) => ({
  name: `libs-${lib}`,
  severity: 'error',
  comment: `libs/${lib} may import ${allowed.length > 0 ? allowed.join(', ') : 'no other lib'} (docs/architecture.md)`,
  from: { path: `^libs/${lib}/`, pathNot: '\\.spec\\.ts$' },
  to: { path: '^(libs|apps|test|test-servers|tools)/', pathNot: `^libs/(${[lib, ...allowed].join('|')})/` },
});

const appRule = (app, allowed) => ({
  name: `apps-${app}`,
  severity: 'error',
  comment: `apps/${app} may import ${allowed.join(', ')} (docs/architecture.md)`,
  from: { path: `^apps/${app}/`, pathNot: '\\.spec\\.ts$' },
  to: {
    path: '^(libs|apps|test|test-servers|tools)/',
    pathNot: `^(apps/${app}|libs/(${allowed.join('|')}))/`,
  },
});

const botRoomRule = (room, allowed) => ({
  name: `bot-${room}`,
  severity: 'error',
  comment: `apps/bot/src/${room} may import ${allowed.length > 0 ? allowed.join(', ') : 'no other room of the bot'}`,
  from: { path: `^apps/bot/src/${room}/`, pathNot: '\\.spec\\.ts$' },
  to: {
    path: '^apps/bot/src/',
    pathNot: `^apps/bot/src/(${[room, ...allowed].join('|')})/|^apps/bot/src/foreign-json\\.ts$`,
  },
});

const platformRoomRule = (room, index) => ({
  name: `bot-platform-${room}`,
  severity: 'error',
  comment: `A platform's ${room} may import no room above it: ${platformRooms.join(' ← ')}`,
  from: { path: `^apps/bot/src/(discord|slack)/${room}/`, pathNot: '\\.spec\\.ts$' },
  to: {
    path: '^apps/bot/src/$1/',
    pathNot: `^apps/bot/src/$1/(${platformRooms.slice(0, index + 1).join('|')})/`,
  },
});

const pages = '^(apps/bot/src/web|libs/curation/src/review|libs/serving/src)/page/';

/** What pages load by address: tsconfig.browser.json says which files those are. */
const served = '^/(shared|libraries)/';

module.exports = {
  forbidden: [
    ...Object.entries(mayImport).map(([lib, allowed]) => libRule(lib, allowed)),
    ...Object.entries(mayUse).map(([app, allowed]) => appRule(app, allowed)),
    ...Object.entries(botRooms).map(([room, allowed]) => botRoomRule(room, allowed)),
    ...platformRooms.map(platformRoomRule),
    {
      name: 'test-servers-stand-alone',
      severity: 'error',
      comment:
        'The look-alikes of Discord, Slack and the hub are held to the documentation, not to our code.',
      from: { path: '^test-servers/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(apps|libs|test|tools)/' },
    },
    {
      name: 'libs-without-nest',
      severity: 'error',
      comment: 'Libraries are plain TypeScript; only apps know NestJS.',
      from: { path: '^libs/' },
      to: { path: 'node_modules/@nestjs' },
    },
    {
      name: 'through-the-front-door',
      severity: 'error',
      comment: "A room is entered through its index.ts: no imports of another lib's inner files.",
      from: { path: '^((?:apps|libs)/[^/]+)/' },
      to: { path: '^libs/[^/]+/src/(?!index\\.ts$)', pathNot: '^$1/' },
    },
    {
      name: 'one-place-for-images',
      severity: 'error',
      comment: 'Only the decoder process reads image files, with the loaders it allows.',
      from: { path: '^(libs|apps)/', pathNot: '^libs/images/src/decoder/|^libs/benchmark/|\\.spec\\.ts$' },
      to: { path: 'node_modules/sharp' },
    },
    {
      name: 'one-way-to-the-runtime',
      severity: 'error',
      comment: 'libs/onnx-runtime turns off its telemetry before it loads it.',
      from: { path: '^(apps|libs|test|tools)/', pathNot: '^libs/onnx-runtime/' },
      to: { path: 'node_modules/onnxruntime-node/(?!package)' },
    },
    {
      name: 'quick-start',
      severity: 'error',
      comment: "A command's file, with all it needs, is loaded when the command is asked for.",
      from: { path: '^apps/cli/src/(main|run|program)\\.ts$' },
      to: {
        pathNot: '^apps/cli/src/(console|run|program)|commander',
        dependencyTypesNot: ['dynamic-import'],
      },
    },
    {
      name: 'pages-stand-alone',
      severity: 'error',
      comment: 'What runs in a browser takes nothing but types from what runs on the server.',
      from: { path: pages, pathNot: '\\.spec\\.ts$' },
      to: { pathNot: [pages, served], dependencyTypesNot: ['type-only'] },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: ['^#(engine-worker|image-decoder)$', served] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|generated)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.cjs', '.json'],
    },
  },
};
