import { Command } from 'commander';

interface NamedCommand {
  readonly name: string;
  readonly description: string;
  /** The command's own file, with all that it needs: nothing of that is loaded for another command. */
  load(): Promise<{ define(command: Command): void }>;
}

const commands: readonly NamedCommand[] = [
  {
    name: 'ask',
    description: 'Ask a question about pictures',
    load: () => import('./commands/ask.command.js'),
  },
  {
    name: 'bench',
    description: 'Make a model of any size with random weights and measure its speed on this machine',
    load: () => import('./commands/bench.command.js'),
  },
  {
    name: 'caption',
    description: 'Write captions or alt text for all pictures of a folder',
    load: () => import('./commands/caption.command.js'),
  },
  {
    name: 'convert',
    description: 'Make a model package from published checkpoints',
    load: () => import('./commands/convert.command.js'),
  },
  {
    name: 'curate',
    description: 'Make detailed image-text pairs for stage 2 from a folder of pictures',
    load: () => import('./commands/curate.command.js'),
  },
  {
    name: 'doctor',
    description: 'Say what this machine can run, and what it lacks',
    load: () => import('./commands/doctor.command.js'),
  },
  {
    name: 'encode',
    description: 'Write what the vision networks make of a picture to a safetensors file',
    load: () => import('./commands/encode.command.js'),
  },
  {
    name: 'evaluate',
    description: 'Ask a model about pictures whose answers are known, and count what is right',
    load: () => import('./commands/evaluate.command.js'),
  },
  {
    name: 'generate',
    description: 'Continue a raw prompt, without the chat template',
    load: () => import('./commands/generate.command.js'),
  },
  {
    name: 'inspect',
    description: 'Show what is in a model package and check its digests',
    load: () => import('./commands/inspect.command.js'),
  },
  {
    name: 'install-cuda',
    description: 'Install what ONNX Runtime needs to compute on NVIDIA GPUs',
    load: () => import('./commands/install-cuda.command.js'),
  },
  {
    name: 'mcp',
    description: 'Serve tools that look at pictures to MCP clients',
    load: () => import('./commands/mcp.command.js'),
  },
  {
    name: 'pull',
    description: 'Fetch a published model and make a model package of it',
    load: () => import('./commands/pull.command.js'),
  },
  {
    name: 'reference',
    description: "Compute a reference model's numbers, to compare them with the original's",
    load: () => import('./commands/reference.command.js'),
  },
  {
    name: 'setup',
    description: 'Set up Discord and Slack, step by step, with every token checked',
    load: () => import('./commands/setup.command.js'),
  },
  {
    name: 'train',
    description: 'Train the projection of a model, as MiniGPT-4 was trained',
    load: () => import('./commands/train.command.js'),
  },
];

const firstSteps = `
First steps:
  doctor                   what this machine can run
  setup                    Discord and Slack, step by step
  ask --model models/nano --image test/fixtures/emoji-scenes/validation/seen-drawings/0002.png "What is this?"
                           a question to the small model that comes with the repository
  pull --help              how to get the real one
  help <command>           what a command takes, with examples

Put "npm run --silent cli --" before every command, here and in all examples:

  npm run --silent cli -- doctor`;

/** The command line as a whole; each command is loaded when it is asked for. */
export function commandLine(): Command {
  const program = new Command('npm run --silent cli --')
    .exitOverride()
    .description(
      'Ask a self-hosted MiniGPT-4 about pictures, and make its model packages.\n' +
        'Results go to stdout, remarks to stderr. Set DEBUG=1 to see where an error comes from.',
    )
    .addHelpText('after', firstSteps)
    .configureOutput({
      outputError: (problem, write) =>
        write(`${problem.trimEnd().replace(/\.$/, '')}. Add --help to see how it is done.\n`),
    })
    .hook('preSubcommand', async (_program, command) => {
      const named = commands.find(({ name }) => name === command.name());
      (await named?.load())?.define(command);
    });
  for (const { name, description } of commands) program.command(name).description(description);
  // Commander's own shows a command before the hook has completed it.
  program
    .command('help [command]')
    .description('display help for command')
    .action(async (name?: string) => {
      if (name && !commands.some((named) => named.name === name))
        program.error(`error: unknown command '${name}'`);
      await program.parseAsync(name ? [name, '--help'] : ['--help'], { from: 'user' });
    });
  return program;
}
