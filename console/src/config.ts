/** What the deployment tells the console about itself, served beside it as `/config.json`. */
export interface Config {
  apiUrl: string;
  authorizeUrl: string;
  tokenUrl: string;
  logoutUrl: string;
  revokeUrl: string;
  clientId: string;
  scopes: string[];
  redirectUri: string;
}

type Served = Omit<Config, 'scopes'> & { scopes: string[] | string };

/** Read `/config.json`. Throws when it is missing or lacks a member. */
export async function loadConfig(): Promise<Config> {
  const response = await fetch('/config.json', { cache: 'no-cache' });
  if (!response.ok) throw new Error(`/config.json: ${response.status}`);
  const served = (await response.json()) as Served;
  for (const member of ['apiUrl', 'authorizeUrl', 'tokenUrl', 'clientId', 'redirectUri'] as const)
    if (!served[member]) throw new Error(`/config.json: ${member}`);
  const scopes = typeof served.scopes === 'string' ? served.scopes.split(' ') : served.scopes;
  return { ...served, apiUrl: served.apiUrl.replace(/\/$/, ''), scopes };
}
