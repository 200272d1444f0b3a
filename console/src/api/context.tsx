import type { Client } from 'handfast-client';
import { createContext, useContext } from 'react';

const ApiContext = createContext<Client | null>(null);
export const ApiProvider = ApiContext.Provider;

/** The API's client. */
export function useApi(): Client {
  const api = useContext(ApiContext);
  if (!api) throw new Error('useApi outside ApiProvider');
  return api;
}
