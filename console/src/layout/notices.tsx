import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { lazy, type ReactNode, Suspense } from 'react';
import { useNavigate } from 'react-router';
import type { Permission } from '../api/me';
import { useMe } from '../api/me';
import { useT } from '../i18n/messages';
import { usePage } from './page';

const Invitations = lazy(() => import('./Invitations'));

interface NoticeProps {
  title: string;
  children: ReactNode;
  action?: ReactNode;
}

/** A page that has nothing but something to say. */
export function Notice({ title, children, action }: NoticeProps) {
  return (
    <Box textAlign="center" margin={{ top: 'xxxl' }} padding="xl">
      <SpaceBetween size="m">
        <Box variant="h1">{title}</Box>
        <Box variant="p" color="text-body-secondary">
          {children}
        </Box>
        {action}
      </SpaceBetween>
    </Box>
  );
}

export function NotFound() {
  const t = useT();
  const navigate = useNavigate();
  usePage({ title: t('notFound.title'), breadcrumbs: [{ text: t('notFound.title') }] });
  return (
    <Notice
      title={t('notFound.title')}
      action={<Button onClick={() => void navigate('/')}>{t('notFound.home')}</Button>}
    >
      {t('notFound.detail')}
    </Notice>
  );
}

/** Signed in, and not yet let into any sandbox: whoever has invited the person does so here. */
export function NoGrant() {
  const t = useT();
  const { data, refetch } = useMe();
  usePage({ title: t('noGrant.title'), breadcrumbs: [{ text: t('noGrant.title') }] });
  return (
    <Suspense>
      <Invitations
        none={
          <Notice
            title={t('noGrant.title')}
            action={<Button onClick={() => void refetch()}>{t('noGrant.again')}</Button>}
          >
            {t('noGrant.detail', { name: data?.name ?? '', principal: data?.principalId ?? '' })}
          </Notice>
        }
      />
    </Suspense>
  );
}

/** The grant does not allow this page. */
export function NotAllowed({ permission }: { permission: Permission }) {
  const t = useT();
  usePage({ title: t('notAllowed.title'), breadcrumbs: [{ text: t('notAllowed.title') }] });
  return <Notice title={t('notAllowed.title')}>{t('guard.reason', { permission })}</Notice>;
}
