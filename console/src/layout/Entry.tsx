import { Navigate } from 'react-router';
import { useMe } from '../api/me';
import { ProblemAlert } from '../components/ProblemAlert';
import { keepJson, readJson } from '../i18n/preferences';
import { inSandbox } from '../paths';
import { NoGrant } from './notices';
import { Loading } from './RoutePage';

const LAST = 'handfast.sandbox';

/** Remember the sandbox in which the person works. */
export const rememberSandbox = (sandbox: string) => keepJson(LAST, sandbox);

/** The console's root: the sandbox that was last open, or the first. */
export function Entry() {
  const me = useMe();
  if (me.error) return <ProblemAlert error={me.error} onRetry={() => void me.refetch()} />;
  if (!me.data) return <Loading />;
  const { grants } = me.data;
  const last = readJson(LAST);
  const chosen = grants.find(({ sandboxId }) => sandboxId === last) ?? grants[0];
  return chosen ? <Navigate to={inSandbox(chosen.sandboxId)} replace /> : <NoGrant />;
}
