import { Module } from '@nestjs/common';
import { InjectCommander } from 'nest-commander';

import { AskCommand } from './commands/ask.command.js';
import { BenchCommand } from './commands/bench.command.js';
import { ConvertCommand } from './commands/convert.command.js';
import { CurateCommand } from './commands/curate.command.js';
import { DoctorCommand } from './commands/doctor.command.js';
import { EncodeCommand } from './commands/encode.command.js';
import { EvaluateCommand } from './commands/evaluate.command.js';
import { GenerateCommand } from './commands/generate.command.js';
import { InspectCommand } from './commands/inspect.command.js';
import { InstallCudaCommand } from './commands/install-cuda.command.js';
import { PullCommand } from './commands/pull.command.js';
import { ReferenceCommand } from './commands/reference.command.js';
import { TrainCommand } from './commands/train.command.js';

/** The part of commander's root command that gets a name and a sentence here. */
interface RootCommand {
  name(name: string): this;
  description(text: string): this;
  addHelpText(position: 'after', text: string): this;
}

const firstSteps = `
First steps:
  doctor                   what this machine can run
  ask --model models/nano --image test/fixtures/emoji-scenes/validation/seen-drawings/0002.png "What is this?"
                           a question to the small model that comes with the repository
  pull --help              how to get the real one
  help <command>           what a command takes, with examples

Put "npm run --silent cli --" before every command, here and in all examples:

  npm run --silent cli -- doctor`;

@Module({
  providers: [
    AskCommand,
    BenchCommand,
    ConvertCommand,
    CurateCommand,
    DoctorCommand,
    EncodeCommand,
    EvaluateCommand,
    GenerateCommand,
    InspectCommand,
    InstallCudaCommand,
    PullCommand,
    ReferenceCommand,
    TrainCommand,
  ],
})
export class CliModule {
  constructor(@InjectCommander() root: RootCommand) {
    root
      .name('npm run --silent cli --')
      .description(
        'Ask a self-hosted MiniGPT-4 about pictures, and make its model packages.\n' +
          'Results go to stdout, remarks to stderr. Set DEBUG=1 to see where an error comes from.',
      )
      .addHelpText('after', firstSteps);
  }
}
