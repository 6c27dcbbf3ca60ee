/** Enough of a file's start to tell what it is. */
export const TELLING_BYTES = 96;

/** First letters of llama.cpp's files, old and new (ggml's "magic" numbers lie in memory order). */
const llamaCppMagics = ['GGUF', 'lmgg', 'fmgg', 'tjgg'];

/**
 * What often arrives in place of a model's file: an empty file, Git LFS pointers, web pages, a server's words of
 * refusal, files of another program.
 *
 * @param start the file's first bytes, one character each.
 * @returns a sentence about it, or undefined where the file may be what it should be.
 */
export function recogniseImpostor(start: string): string | undefined {
  if (start === '') return 'this file is empty; download it again';
  if (start.startsWith('version https://git-lfs')) {
    return 'this is only a Git LFS pointer, not the file itself; fetch that with "git lfs pull"';
  }
  if (/^(\xEF\xBB\xBF)?\s*</.test(start)) {
    return 'this is a web page, not the file itself; the download link was not a direct one, or asked for a login';
  }
  if (llamaCppMagics.some((magic) => start.startsWith(magic))) {
    return "this is a file for llama.cpp or minigpt4.cpp; take the original one in Hugging Face's layout";
  }
  return undefined;
}

/** Weights begin with numbers; where there are words instead, they say why. */
export function recogniseText(start: string): string | undefined {
  if (!/^[\x20-\x7E\s]+$/.test(start)) return undefined;
  return `this is text, not weights; it begins with "${start.split(/[\r\n]/)[0]!.trim()}". Download the file again`;
}
