/**
 * The text of an `.env` with some variables set: the line of each is replaced where it stands, also when it is empty;
 * comments, order and other lines stay.
 */
export function setInEnvFile(text: string, variables: Readonly<Record<string, string>>): string {
  let result = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  for (const [name, value] of Object.entries(variables)) {
    const line = new RegExp(`^(?:export\\s+)?${name}\\s*=.*$`, 'm');
    const assignment = `${name}=${value}`;
    result = line.test(result) ? result.replace(line, () => assignment) : `${result}${assignment}\n`;
  }
  return result;
}
