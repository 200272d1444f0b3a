import Button, { type ButtonProps } from '@cloudscape-design/components/button';
import type { ReactNode } from 'react';
import { type Permission, useCan } from '../api/me';
import { useT } from '../i18n/messages';

interface Props {
  permission: Permission;
  children: ReactNode;
  /** What those see whose grant does not allow it; nothing if left out. */
  otherwise?: ReactNode;
}

/** Shows its children to those whose grant allows them. */
export function Guarded({ permission, children, otherwise = null }: Props) {
  return useCan()(permission) ? children : otherwise;
}

/** A button that is disabled, and says why, for those whose grant does not allow what it does. */
export function GuardedButton({ permission, ...button }: ButtonProps & { permission: Permission }) {
  const t = useT();
  const can = useCan();
  if (can(permission)) return <Button {...button} />;
  return <Button {...button} disabled disabledReason={t('guard.reason', { permission })} />;
}
