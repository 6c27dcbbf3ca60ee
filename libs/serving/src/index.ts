export { AllowedHosts } from './allowed-hosts.js';
