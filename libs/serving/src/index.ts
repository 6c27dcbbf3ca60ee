export { AllowedHosts } from './allowed-hosts.js';
export { endConnections } from './end-connections.js';
export { hostAndPort, type ListenAddress, listen, reachableAt } from './listen.js';
