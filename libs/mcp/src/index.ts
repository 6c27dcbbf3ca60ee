export { AllowedFolders } from './allowed-folders.js';
export { createMcpServer, type McpServerOptions } from './mcp-server.js';
export { fetchPublicPicture, MAX_DATA_BYTES } from './picture-input.js';
