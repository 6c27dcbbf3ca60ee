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
}

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
      .name('minigpt4')
      .description(
        'Ask a self-hosted MiniGPT-4 about pictures, and make its model packages.\n' +
          'Results go to stdout, remarks to stderr. Set DEBUG=1 to see where an error comes from.',
      );
  }
}
