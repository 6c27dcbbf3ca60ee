import { z } from 'zod';
import { imageNotices } from '#libs/images';

const captioned = z.strictObject({
  /** From the folder on, with slashes between. */
  file: z.string(),
  /** "sha256:" and 64 hexadecimal digits, of the file's bytes. */
  digest: z.string(),
  text: z.string(),
  model: z.string(),
  prompt: z.string(),
  /** `length`: the text was cut off. */
  finish_reason: z.enum(['stop', 'length']),
  /** What a person should know about the picture. */
  notices: z.array(z.enum(imageNotices)),
});

/** What became of a picture: its text, or in words why it has none. */
export const captionRecord = z.union([captioned, z.strictObject({ file: z.string(), error: z.string() })]);

export type CaptionRecord = z.infer<typeof captionRecord>;
/** What is said of a picture, whatever its file is called. */
export type Caption = Omit<z.infer<typeof captioned>, 'file'>;
