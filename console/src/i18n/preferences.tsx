import { applyDensity, applyMode, Density, Mode } from '@cloudscape-design/global-styles';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { LOCALES, type Locale, preferredLocale } from './locale';

export type Theme = 'system' | 'light' | 'dark';

/** How a person wants the console to look; kept in this browser. */
export interface Preferences {
  locale: Locale;
  theme: Theme;
  isCompact: boolean;
}

const KEY = 'handfast.preferences';

function stored(): Preferences {
  const kept = readJson(KEY) as Partial<Preferences> | null;
  return {
    locale: LOCALES.find((locale) => locale === kept?.locale) ?? preferredLocale(),
    theme: kept?.theme === 'light' || kept?.theme === 'dark' ? kept.theme : 'system',
    isCompact: kept?.isCompact === true,
  };
}

/** What is kept in this browser under a key, or null. */
export function readJson(key: string): unknown {
  try {
    return JSON.parse(window.localStorage.getItem(key) ?? 'null');
  } catch {
    return null;
  }
}

/** Keep something in this browser; where it refuses, it lasts until the next reload. */
export function keepJson(key: string, value: unknown): void {
  try {
    window.localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Storage that is full or switched off costs the person a setting, not the page.
  }
}

interface Held {
  preferences: Preferences;
  prefer: (changes: Partial<Preferences>) => void;
}

const PreferencesContext = createContext<Held | null>(null);

/** How this person wants the console to look, and how to change it. */
export function usePreferences(): Held {
  const held = useContext(PreferencesContext);
  if (!held) throw new Error('usePreferences outside PreferencesProvider');
  return held;
}

export function PreferencesProvider({ children }: { children: ReactNode }) {
  const [preferences, setPreferences] = useState(stored);
  const { locale, theme, isCompact } = preferences;
  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  useEffect(() => {
    applyDensity(isCompact ? Density.Compact : Density.Comfortable);
  }, [isCompact]);
  useEffect(() => {
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    const apply = () => applyMode(theme === 'dark' || (theme === 'system' && dark.matches) ? Mode.Dark : Mode.Light);
    apply();
    dark.addEventListener('change', apply);
    return () => dark.removeEventListener('change', apply);
  }, [theme]);
  const held = useMemo<Held>(
    () => ({
      preferences,
      prefer: (changes) =>
        setPreferences((before) => {
          const after = { ...before, ...changes };
          keepJson(KEY, after);
          return after;
        }),
    }),
    [preferences],
  );
  return <PreferencesContext value={held}>{children}</PreferencesContext>;
}
