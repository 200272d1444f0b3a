import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import { useT } from '../i18n/messages';
import Invitations from './Invitations';
import { usePage } from './page';

/** Who has invited the person who is signed in, whatever sandbox is open. */
export default function InvitationsPage() {
  const t = useT();
  usePage({ title: t('invitations.title'), breadcrumbs: [{ text: t('invitations.title') }] });
  return (
    <div className="stack">
      <Header variant="h1" description={t('invitations.description')}>
        {t('invitations.title')}
      </Header>
      <Invitations none={<Box color="text-body-secondary">{t('invitations.none')}</Box>} />
    </div>
  );
}
