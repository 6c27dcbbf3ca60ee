/** Anything that continues a text, as the measurements see it: an engine, a server, another project's. */
export interface TextModel {
  /**
   * Continues a prompt greedily by exactly `newTokens` tokens. Several calls may run at once.
   * @param onToken called at each new token, when its text is there
   * @returns the text of the new tokens
   */
  generate(prompt: string, newTokens: number, onToken: () => void): Promise<string>;
}
