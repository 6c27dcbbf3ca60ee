import { dirname } from 'node:path';
import type { CheckpointReader, Tensor } from '#libs/checkpoint';
import { CodedError } from '#libs/errors';
import type {
  CheckpointRole,
  PublishedCheckpoints,
  PublishedSettings,
  SourceTensor,
  TensorShapes,
} from '#libs/minigpt4';

/** One part of the published files, with its tensors under the names that its family reads. */
export class PublishedCheckpoint {
  readonly shapes: TensorShapes;

  /** @param storedNames by the name that the family reads */
  constructor(
    readonly reader: CheckpointReader,
    private readonly storedNames: ReadonlyMap<string, string>,
    readonly settings: PublishedSettings,
  ) {
    this.shapes = new Map(
      [...storedNames].map(([name, stored]) => [name, reader.tensors.get(stored)?.shape ?? []]),
    );
  }

  read(name: string): Promise<Tensor> {
    return this.reader.read(this.storedNames.get(name) ?? name);
  }
}

/** The published checkpoints of one model, opened but not loaded. */
export class PublishedSources {
  /** @param questionVocabulary path of BERT's `vocab.txt`, of a family whose Q-Former reads questions */
  constructor(
    private readonly parts: ReadonlyMap<CheckpointRole, PublishedCheckpoint>,
    readonly questionVocabulary?: string,
  ) {}

  get checkpoints(): PublishedCheckpoints {
    const shapesOf = (role: CheckpointRole) => this.parts.get(role)?.shapes ?? new Map();
    return {
      vit: shapesOf('vit'),
      qFormer: this.parts.get('qFormer')?.shapes ?? null,
      projection: shapesOf('projection'),
      llm: shapesOf('llm'),
      settings: Object.fromEntries([...this.parts].map(([role, { settings }]) => [role, settings])),
    };
  }

  /** Where a part lies: a file, or the list of its shards. */
  pathOf(role: CheckpointRole): string {
    const [file] = this.parts.get(role)?.reader.files ?? [];
    if (file === undefined) throw new CodedError('conversion', `The files hold no ${role}.`);
    return file;
  }

  /** The language model's folder, with its configuration and tokenizer. */
  get llmFolder(): string {
    return dirname(this.pathOf('llm'));
  }

  /** Every file behind the checkpoints, each once. */
  get files(): readonly string[] {
    return [...new Set([...this.parts.values()].flatMap(({ reader }) => reader.files))];
  }

  /** What a person should know of how the checkpoints were read. */
  get notices(): readonly string[] {
    return [...this.readers].flatMap(({ notices }) => notices);
  }

  /** Every tensor there is, by the names that the families read. */
  get tensorNames(): readonly string[] {
    return [...this.parts.values()].flatMap(({ shapes }) => [...shapes.keys()]);
  }

  read({ checkpoint: role, name }: SourceTensor): Promise<Tensor> {
    const part = this.parts.get(role);
    if (!part) throw new CodedError('conversion', `There is no file for the tensor ${name}.`);
    return part.read(name);
  }

  async close(): Promise<void> {
    await Promise.all([...this.readers].map((reader) => reader.close()));
  }

  private get readers(): ReadonlySet<CheckpointReader> {
    return new Set([...this.parts.values()].map(({ reader }) => reader));
  }
}
