export { AccountError } from './account-error.js';
export {
  type DiscordAccount,
  discordInstallLink,
  discordPermissions,
  discordRemarks,
  examineDiscord,
} from './discord-account.js';
export { examineSlack, type SlackAccount, slackRemarks, withSlackToken } from './slack-account.js';
export { manifestScopes, readSlackManifest, type SlackMode, slackCreationLink } from './slack-manifest.js';
