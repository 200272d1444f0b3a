import '@cloudscape-design/global-styles/index.css';
import './styles.css';
import { createRoot } from 'react-dom/client';
import { App, type Begun } from './App';
import { Session, SignInError } from './auth/session';
import { loadConfig } from './config';

/** Find out who is there; null when the browser is leaving for the sign-in pages. */
async function begin(): Promise<Begun | null> {
  try {
    const config = await loadConfig();
    const session = new Session(config);
    try {
      const state = await session.start();
      return state === 'leaving' ? null : { state, config, session };
    } catch (error) {
      if (error instanceof SignInError) return { state: 'refused', session, why: error.message };
      throw error;
    }
  } catch (error) {
    return { state: 'broken', why: error instanceof Error ? error.message : String(error) };
  }
}

const root = document.getElementById('root');
if (root) {
  void begin().then((begun) => {
    if (begun) createRoot(root).render(<App begun={begun} />);
  });
}
