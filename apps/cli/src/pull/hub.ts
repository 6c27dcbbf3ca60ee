import { fileDownloadInfo, HubApiError, listFiles } from '@huggingface/hub';
import { CodedError, hasCode } from '#libs/errors';

import { fetchPatiently } from './fetch-patiently.js';
import { RemoteFile } from './remote-file.js';

export const OFFICIAL_ENDPOINT = 'https://huggingface.co';

export interface HubFile {
  readonly repository: string;
  readonly path: string;
  readonly size: number;
  /** Of files stored outside git, that is, of all large ones. */
  readonly sha256?: string;
}

/** A Hugging Face hub, or a mirror of it. */
export class Hub {
  constructor(
    readonly endpoint: string,
    private readonly accessToken: string | undefined,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** The files of a repository, those in its folders too. @throws CodedError `pull` */
  async list(repository: string): Promise<HubFile[]> {
    const files: HubFile[] = [];
    try {
      for await (const { type, path, size, lfs } of listFiles({
        repo: repository,
        recursive: true,
        ...this.access,
      })) {
        if (type === 'file') files.push({ repository, path, size: lfs?.size ?? size, sha256: lfs?.oid });
      }
    } catch (error) {
      throw this.explain(repository, repository, error);
    }
    return files;
  }

  /**
   * Makes sure that a file can be had.
   * @throws CodedError `pull` when it is gone, locked, or of another size than listed.
   */
  async locate({ repository, path, size }: HubFile): Promise<RemoteFile> {
    try {
      const info = await fileDownloadInfo({ repo: repository, path, ...this.access });
      if (!info) throw new CodedError('pull', `${repository} on ${this.endpoint} has no file ${path}.`);
      if (info.size !== size) {
        throw new CodedError(
          'pull',
          `${this.endpoint} lists ${repository}/${path} with ${size} bytes but serves ${info.size}. The server is at fault; try another one with --endpoint.`,
        );
      }
      // Not info.url: that may be signed for an hour only, and large downloads take longer.
      const url = `${this.endpoint}/${repository}/resolve/main/${path}`;
      return new RemoteFile(url, info.etag, size, this.accessToken, this.signal);
    } catch (error) {
      throw this.explain(repository, `${repository}/${path}`, error);
    }
  }

  private get access() {
    return {
      hubUrl: this.endpoint,
      fetch: fetchPatiently,
      ...(this.accessToken && { accessToken: this.accessToken }),
    };
  }

  private explain(repository: string, what: string, error: unknown): Error {
    if (hasCode(error, 'pull')) return error;
    return new CodedError('pull', this.problemWith(repository, what, error), { cause: error });
  }

  private problemWith(repository: string, what: string, error: unknown): string {
    if (!(error instanceof HubApiError)) {
      return `${this.endpoint} cannot be reached for ${what}. Is this machine online? A mirror can be named with --endpoint.`;
    }
    switch (error.statusCode) {
      case 401:
      case 403: {
        const problem = this.accessToken
          ? 'the token in HF_TOKEN has no access to it'
          : 'it needs a token (or it is gone, which the hub does not tell strangers)';
        return `${what} is locked on ${this.endpoint}: ${problem}. Accept its terms at ${this.endpoint}/${repository}, make a token at ${this.endpoint}/settings/tokens and set HF_TOKEN to it.`;
      }
      case 404:
        return `${what} is not on ${this.endpoint}: it was moved or deleted. A mirror that still has it can be named with --endpoint; files from elsewhere are taken by "convert".`;
      default:
        return `${what} cannot be had from ${this.endpoint}: it answers with status ${error.statusCode}. Try again later.`;
    }
  }
}
