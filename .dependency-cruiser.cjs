/**
 * The import directions of docs/architecture.md: each room may import only the rooms named beside it.
 * "Data flows one way": apps wire libs; libs know nothing of apps or of Nest.
 */
const mayImport = {
  conversation: [],
  graph: [],
  files: [],
  checkpoint: ['files'],
  tokenizer: [],
  protocol: [],
  'start-up': [],
  serving: ['start-up'],
  minigpt4: ['graph'],
  'model-package': ['files', 'graph', 'minigpt4', 'checkpoint', 'tokenizer'],
  engine: ['graph', 'minigpt4', 'tokenizer', 'model-package'],
  training: [
    'files',
    'graph',
    'minigpt4',
    'checkpoint',
    'tokenizer',
    'model-package',
    'engine',
    'conversation',
  ],
  benchmark: ['minigpt4', 'model-package', 'engine'],
  evaluation: ['files', 'engine', 'conversation'],
  curation: ['files', 'engine', 'conversation', 'evaluation', 'serving'],
  client: ['protocol'],
};

const mayUse = {
  bot: ['start-up', 'serving', 'conversation', 'client'],
  'model-server': ['start-up', 'serving', 'engine', 'conversation', 'protocol', 'model-package'],
};

const libRule = (lib, allowed) => ({
  name: `libs-${lib}`,
  severity: 'error',
  comment: `libs/${lib} may import ${allowed.length > 0 ? allowed.join(', ') : 'no other lib'} (docs/architecture.md)`,
  from: { path: `^libs/${lib}/`, pathNot: '\\.spec\\.ts$' },
  to: { path: '^(libs|apps|test)/', pathNot: `^libs/(${[lib, ...allowed].join('|')})/` },
});

const appRule = (app, allowed) => ({
  name: `apps-${app}`,
  severity: 'error',
  comment: `apps/${app} may import ${allowed.join(', ')} (docs/architecture.md)`,
  from: { path: `^apps/${app}/`, pathNot: '\\.spec\\.ts$' },
  to: { path: '^(libs|apps|test)/', pathNot: `^(apps/${app}|libs/(${allowed.join('|')}))/` },
});

module.exports = {
  forbidden: [
    ...Object.entries(mayImport).map(([lib, allowed]) => libRule(lib, allowed)),
    ...Object.entries(mayUse).map(([app, allowed]) => appRule(app, allowed)),
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
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^#engine-worker$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|generated)/|^apps/bot/src/web/page/|^libs/curation/src/review/page/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.cjs', '.json'],
    },
  },
};
